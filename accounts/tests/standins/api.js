// Stands in for Turnstile's script in tests: the same interface, no puzzle, a token that the stand-in's siteverify takes.
window.turnstile = (() => {
  const widgets = new Map();
  let last = 0;

  function fill(id) {
    const { options, input } = widgets.get(id);
    input.value = ["STANDIN", options.action, location.hostname, Date.now() / 1000, Math.random()].join("|");
    options.callback?.(input.value);
  }

  return {
    render(element, options) {
      const id = `stand-in-${++last}`;
      const frame = document.createElement("div");
      frame.textContent = `You are a person (${options.theme}, ${options.size}).`;
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "cf-turnstile-response";
      element.append(frame, input);
      widgets.set(id, { options, input });
      fill(id);
      return id;
    },
    reset: (id) => fill(id),
    getResponse: (id) => widgets.get(id).input.value,
    remove: (id) => widgets.delete(id),
  };
})();
