#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a mail from standard input with Python's e-mail and HTML parsers, which know nothing of Dialin, and prints
what they understood as JSON: headers, structure, parts, what a reader of the HTML part sees, its links, and
whatever in it could run."""

import email
import email.header
import email.policy
import html.parser
import json
import re
import sys


class Page(html.parser.HTMLParser):
    """The visible text, links, and what could run."""

    INVISIBLE = {"head", "style", "script", "title"}
    VOID = {"meta", "br", "img", "hr", "link", "input"}
    BLOCKS = {"p", "h1", "h2", "h3", "li", "tr", "td", "th", "div", "table", "ul", "ol", "br"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.title = ""
        self.links = []
        self.running = []
        self.languages = []
        self.open = []

    def handle_starttag(self, tag, attributes):
        hidden = any(name == "style" and "display:none" in (value or "").replace(" ", "") for name, value in attributes)
        if tag not in self.VOID:
            self.open.append((tag, hidden or tag in self.INVISIBLE))
        if tag in self.BLOCKS:
            self.text += "\n"
        if tag in ("script", "iframe", "object", "embed", "form"):
            self.running.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.running.append(f"{tag} {name}={value}")
            if name == "href":
                self.links.append(value)
            if name == "lang":
                self.languages.append(value)

    def handle_endtag(self, tag):
        while self.open:
            name, _ = self.open.pop()
            if name == tag:
                break
        if tag in self.BLOCKS:
            self.text += "\n"

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "title":
            self.title += data
        if not any(hidden for _, hidden in self.open):
            self.text += data


def words(text):
    return re.findall(r"\w+", text)


def tree(part):
    if part.is_multipart():
        return [part.get_content_type(), [tree(child) for child in part.iter_parts()]]
    return part.get_content_type()


def main():
    octets = sys.stdin.buffer.read().replace(b"\r\n", b"\n")
    message = email.message_from_bytes(octets, policy=email.policy.default)
    result = {"headers": {}, "header_octets": octets.split(b"\n\n", 1)[0].decode("utf-8", "replace"),
              "structure": tree(message), "defects": [], "ascii": octets.isascii(),
              "longest_line": max(len(line) for line in octets.split(b"\n"))}
    for name, value in message.items():
        result["headers"].setdefault(name.lower(), []).append(str(value))
    addresses = {}
    for name in ("from", "to", "cc", "reply-to"):
        if message[name]:
            addresses[name] = [[a.display_name, a.addr_spec] for a in message[name].addresses]
            result["defects"] += [repr(d) for d in message[name].defects]
    result["addresses"] = addresses
    for part in message.walk():
        result["defects"] += [repr(defect) for defect in part.defects]
        if part.get_content_type() == "text/plain":
            result["text"] = part.get_content()
            result["text_charset"] = part.get_content_charset()
        elif part.get_content_type() == "text/html":
            source = part.get_content()
            page = Page()
            page.feed(source)
            page.close()
            result["html"] = source
            result["html_charset"] = part.get_content_charset()
            result["html_text"] = " ".join(page.text.split())
            result["title"] = page.title.strip()
            result["links"] = page.links
            result["running"] = page.running
            result["languages"] = page.languages
            result["html_words"] = words(page.text)
    if "text" in result:
        # The numbers of a list are the reader's own work in HTML.
        result["text_words"] = words(re.sub(r"(?m)^\d+\. ", "", result["text"]))
        result["text_flowing"] = " ".join(result["text"].split())
    json.dump(result, sys.stdout)


main()
