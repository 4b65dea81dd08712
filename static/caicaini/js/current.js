/** Which conversation this page shows; the sidebar's hidden field is the one place that knows. */

const field = document.getElementById("sidebar-current");

/** Give the conversation's uuid, or null on an empty chat. */
export function currentConversation() {
  return field.value || null;
}

/** An empty chat has become a conversation: give it its address. */
export function adoptConversation(uuid) {
  field.value = uuid;
  history.pushState(null, "", address(uuid));
}

function address(uuid) {
  return document.body.dataset.chat + (uuid && `${uuid}/`);
}

// Back to the empty chat, or forward again, perhaps before this script was there: the server knows best what is there.
addEventListener("popstate", () => location.reload());
if (location.pathname !== address(field.value)) location.reload();
