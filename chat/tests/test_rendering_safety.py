"""No text of a model, or of whoever wrote what it read, gets anything active into the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.rendering import LiveDocument, plain_user_html, render
from chat.rendering.cleaning import clean
from chat.tests.rendered_html import assert_safe, read

VECTORS = r"""
<script>alert(1)</script>
<ScRiPt src=//x.y></sCrIpT>
<img src=x onerror=alert(1)>
<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x>
<svg><style><img src=x onerror=alert(1)></style></svg>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>
<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>
<math href="javascript:alert(1)">x</math>
<style>@import '//x.y';</style>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="javascript:alert(1)"></object><embed src=//x.y>
<form action=//x.y><input name=a><button formaction=javascript:alert(1)>b</button></form>
<a href="javascript:alert(1)">x</a>
<base href=//x.y><meta http-equiv=refresh content="0;url=//x.y"><link rel=stylesheet href=//x.y>
<body onload=alert(1)><video><source onerror=alert(1)></video><details open ontoggle=alert(1)>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<textarea></textarea><script>alert(1)</script></textarea>
<!--><img src=x onerror=alert(1)>-->
<![CDATA[><script>alert(1)</script>]]>
<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>
<p style="background:url(//x.y)" class="code" id="composer" data-action="delete">
<button type="button" data-action="delete-account">Copy</button>
<figure class="code"><figcaption>x</figcaption></figure>
<sup data-footnote="aaaaaaaa-1-first">1</sup><span class="task"></span>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](<java script:alert(1)>)
[x](&#106;avascript:alert(1))
[x](java&Tab;script:alert(1))
[x](&#x01;javascript:alert(1))
[x](javascript&colon;alert(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](vbscript:msgbox(1))
[x](file:///etc/passwd)
[x](blob:https://x.y/1)
[x](https://x.y "t" onmouseover="alert(1))
[x](https://x.y '"><script>alert(1)</script>')
[x](https://x.y/"onmouseover="alert(1))
[x](https://x.y/'><img src=x onerror=alert(1)>)
[x]( https://user:pass@x.y\@z "a
b")
[x][r]

[r]: javascript:alert(1) "x"
<javascript:alert(1)>
<data:text/html,<script>alert(1)</script>>
![x](javascript:alert(1))
![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)
![" onerror="alert(1)](https://x.y/"onerror="alert(1))
![<img src=x onerror=alert(1)>](https://x.y/<script>)
![x](https://x.y 'a" onerror="alert(1)')
[![x](https://x.y/i)](javascript:alert(1))
[a [b](https://x.y) c](https://z.y)
[<b>](https://x.y)
``` "onclick="alert(1)"
x
```
```html"><script>alert(1)</script>
x
```
```<img/src=x/onerror=alert(1)>
<img src=x onerror=alert(1)>
```
~~~ language-x hl" onclick="alert(1)
x
~~~
```html
<script>alert("1")</script><!-- </code></pre><script>alert(1)</script> -->
```
`</code><script>alert(1)</script>`
# <script>alert(1)</script> {#id onclick=alert(1)}
| <script>alert(1)</script> | " onfocus="alert(1) |
|---|:-:|
| <img src=x onerror=alert(1)> | </table><script>alert(1)</script> |
- [ ] <input autofocus onfocus=alert(1)>
[^"><script>]: x
a[^"><script>] b[^1]

[^1]: <script>alert(1)</script> [x](javascript:alert(1))
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62; &ltscript&gt &#0; &#xD800; &#x110000; &NoSuchThing; &
$\text{<img src=x onerror=alert(1)>}$ $\href{javascript:alert(1)}{x}$ $\class{code}{x}$ $\style{position:fixed}{x}$
$</span><script>alert(1)</script>$
<br onclick=alert(1)> <br/onload=alert(1)> <BR>
www.x.y/"onclick="alert(1)  https://x.y/<script>  https://x.y/'"><img>
"""
# Lines that belong together stand in one vector; a line that starts a new kind of mark starts a new one.
PARTS = [*VECTORS.strip().split("\n"), VECTORS, VECTORS.replace("\n", "\n\n"), VECTORS.replace("\n", "\n> ")]


@pytest.mark.parametrize("text", PARTS)
def test_nothing_active_comes_through(text: str) -> None:
    assert_safe(render(text))
    document = LiveDocument()
    document.feed(text)
    document.changes()
    assert_safe(document.snapshot())


@pytest.mark.parametrize(
    "before", ["> ", "- ", "1. ", "| a |\n|---|\n| ", "# ", "**", "[^1]\n\n[^1]: ", "$$\n", "```x\n"]
)
def test_nothing_active_comes_through_inside_other_blocks(before: str) -> None:
    for text in PARTS:
        assert_safe(render(before + text))


SIGNS = [*"<>\"'&`[]()!$\\|~*_#-=", "\n", "\0", "\ufeff", "\u202e", "</", "<!--", "&#", "]]>"]


@given(st.lists(st.sampled_from(PARTS + SIGNS), max_size=12))
def test_any_mixture_is_safe(parts: list[str]) -> None:
    text = "".join(parts)
    assert_safe(render(text))
    user = read(plain_user_html(text))
    assert user.attributes == {"class": "plain", "dir": "auto"}
    assert all(isinstance(child, str) for child in user.children)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ('<p style="color:red" onclick="x" id="y" class="code">a</p>', '<p class="">a</p>'),
        ('<a href="javascript:alert(1)">a</a>', "a"),
        ('<a href="/account/">a</a>', "a"),
        ('<img src="https://x.y"><iframe></iframe><style>a</style><form><button>b</button></form>', "ab"),
        ('<math><annotation-xml encoding="text/html"><p>a</p></annotation-xml></math>', "<math></math>"),
        ('<math><mi href="//x.y" style="x" onclick="x">b</mi></math>', "<math><mi>b</mi></math>"),
        ("<math><mtext></math><img src=x onerror=alert(1)>", "<math><mtext></mtext></math>"),
        (
            '<span class="composer">a</span><sup id="x">b</sup><input type="text">',
            '<span class="">a</span><sup>b</sup>',
        ),
    ],
)
def test_the_second_wall_stands_by_itself(html: str, left: str) -> None:
    """Even if what comrak gives held such a thing, the cleaner would not let it pass."""
    assert clean(html) == left
