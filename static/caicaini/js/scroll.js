/** Keeps the newest line in view while the reader is there, and stays put when they have scrolled away. */

const NEAR = 48; // px

/** Watches the scroller; `toEnd` is for what the person did themselves. */
export class Scroll {
  #scroller;
  #jump;
  #isFollowing = true;
  #last = 0;

  constructor(scroller, content, jump) {
    this.#scroller = scroller;
    this.#jump = jump;
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    jump.addEventListener("click", () => this.toEnd());
    const observer = new ResizeObserver(() => this.#onResize());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Go to the newest line and follow from there. */
  toEnd() {
    this.#isFollowing = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#show();
  }

  get #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #onScroll() {
    // Only scrolling up is a decision to stay: text that grows meanwhile also takes the end away.
    const isUp = this.#scroller.scrollTop < this.#last;
    this.#last = this.#scroller.scrollTop;
    if (this.#isAtEnd) this.#isFollowing = true;
    else if (isUp) this.#isFollowing = false;
    this.#show();
  }

  #onResize() {
    if (this.#isFollowing) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#show();
  }

  #show() {
    this.#jump.hidden = this.#isFollowing || this.#isAtEnd;
  }
}
