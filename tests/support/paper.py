"""A person in front of the portal without a script: opens pages, fills in forms, and sends what a browser would."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, what it holds before anybody types, and its buttons."""

    name: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Every field there is, ticked or not."""
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(name=said.get("id", ""), action=said["action"])
            self.forms.append(self._form)
        form, name = self._form, said.get("name", "")
        if form is None:
            return
        if tag == "button":
            form.buttons.append(said)
        elif tag in {"input", "select", "textarea"} and name:
            form.asked.add(name)
            if tag == "select":
                self._select = name
            elif tag == "textarea":
                self._area = name
                form.fields[name] = [""]
            elif said.get("type") not in {"checkbox", "radio", "file"} or "checked" in said:
                form.fields.setdefault(name, []).append(said.get("value", "on"))
        elif tag == "option" and self._select and ("selected" in said or self._select not in form.fields):
            form.fields[self._select] = [said.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]
        self.text.append(data)


@dataclass(slots=True)
class Person:
    """Whoever is logged in, and the page they look at."""

    asking: TestClient
    page: Any = field(init=False)

    def opens(self, address: str, *, status: int = 200) -> str:
        """The page there, in English."""
        self.page = self.asking.get(address, headers={"accept-language": "en"})
        assert self.page.status_code == status, (address, self.page.status_code, self.says())
        return str(self.page.text)

    def looks_until(self, words: str, address: str, *, within_s: float = 60.0) -> None:
        """Look at this page again and again until it says so."""
        deadline = time.monotonic() + within_s
        while words not in self.opens(address):
            assert "Not done" not in self.page.text, self.says()
            assert time.monotonic() < deadline, self.says()

    def says(self) -> str:
        """The words of the page, without its marks."""
        read = _Forms()
        read.feed(self.page.text)
        return " ".join(" ".join(read.text).split())

    def form(self, name: str) -> Form:
        """The form of this id, or whose address ends so."""
        read = _Forms()
        read.feed(self.page.text)
        found = [one for one in read.forms if one.name == name or one.action.endswith(f"/{name}")]
        assert found, (name, [one.name or one.action for one in read.forms])
        return found[0]

    def sends(
        self, name: str, typed: Mapping[str, str | Sequence[str]] | None = None, *, press: str | None = None
    ) -> str:
        """Fill in this form of the page and send it by its button, the one whose value, or address, is `press`; then
        the page that comes. Fields nobody could have filled in are a fault of the test."""
        form = self.form(name)
        assert set(typed or {}) <= form.asked, (set(typed or {}) - form.asked, form.asked)
        data: dict[str, list[str]] = {**form.fields}
        for field_, value in (typed or {}).items():
            data[field_] = [value] if isinstance(value, str) else list(value)
        action = form.action
        if press is not None:
            [button] = [one for one in form.buttons if press in (one.get("value"), _end(one, press))]
            action = button.get("formaction", action)
            if "name" in button:
                data[button["name"]] = [button["value"]]
        self.page = self.asking.post(action, data=data, headers={"accept-language": "en"})
        if self.page.status_code == 303:
            return self.opens(self.page.headers["location"].partition("#")[0])
        return str(self.page.text)


def _end(button: Mapping[str, str], press: str) -> str:
    """The end of the address a button has of its own."""
    return button.get("formaction", "")[-len(press) :]
