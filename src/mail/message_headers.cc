// SPDX-License-Identifier: Apache-2.0
#include "mail/message_headers.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/encoding.h"

namespace dialin {
namespace {

constexpr std::size_t LongestWord = 60;
constexpr std::size_t OctetsInEncodedWord = 45;

struct Unreference {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unreference>;

struct FreeOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};
using Options = std::unique_ptr<GMimeFormatOptions, FreeOptions>;

Options crlf() {
  Options options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  return options;
}

std::string taken(char* text) {
  std::string result(text);
  g_free(text);
  return result;
}

// GMime folds inside of a long word, which puts spaces into it, and leaves alone what looks like an encoded
// word, which a reader would then decode.
bool needs_encoded_words(std::string_view text) {
  std::size_t word = 0;
  for (const char c : text) {
    word = c == ' ' ? 0 : word + 1;
    if (word > LongestWord) return true;
  }
  return text.find("=?") != std::string_view::npos;
}

// `text` as encoded words (RFC 2047 section 2: at most 75 characters each, whole characters), between which a
// header may be folded.
std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t size = std::min(text.size(), OctetsInEncodedWord);
    while (size < text.size() && (text[size] & 0xC0) == 0x80) --size;
    if (!words.empty()) words += ' ';
    words += fmt::format("=?utf-8?B?{}?=", to_base64(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return words;
}

std::string words_for_header(const std::string& text) {
  return needs_encoded_words(text) ? encoded_words(text) : text;
}

void add_mailbox(InternetAddressList* list, const Mailbox& mailbox) {
  const std::string name = words_for_header(mailbox.display_name());
  if (!mailbox.needs_smtputf8()) {
    Owned<InternetAddress> address(
        internet_address_mailbox_new(name.empty() ? nullptr : name.c_str(), mailbox.address().c_str()));
    internet_address_set_charset(address.get(), "utf-8");
    internet_address_list_add(list, address.get());
    return;
  }
  // A non-ASCII address in a 7-bit header: an empty group that says it in words (RFC 6857 section 3.1.8). The
  // envelope, which delivers, has the address itself.
  const std::string words =
      mailbox.display_name().empty() ? mailbox.address() : mailbox.display_name() + " " + mailbox.address();
  Owned<InternetAddress> group(internet_address_group_new(words_for_header(words).c_str()));
  internet_address_set_charset(group.get(), "utf-8");
  internet_address_list_add(list, group.get());
}

Owned<GMimePart> text_part(const char* subtype) {
  Owned<GMimePart> part(g_mime_part_new_with_type("text", subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  return part;
}

void set_header(GMimeMessage* message, const char* name, const std::string& value) {
  g_mime_object_set_header(GMIME_OBJECT(message), name, value.c_str(), "utf-8");
}

void set_shared(GMimeMessage* message, const SharedHeaders& headers) {
  add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_FROM), headers.from);
  for (const Mailbox& copy : headers.cc) {
    add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), copy);
  }
  if (headers.reply_to) {
    add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO), *headers.reply_to);
  }
  set_header(message, "Auto-Submitted", "auto-generated");  // RFC 3834: no vacation notices in answer
  set_header(message, "X-Auto-Response-Suppress", "All");   // the same for Exchange
  if (!headers.language.empty()) set_header(message, "Content-Language", headers.language);
}

FixedHeaders make_fixed(const SharedHeaders& headers, BodyForm form) {
  const Options options = crlf();
  const auto written = [&options](void* object) {
    return taken(g_mime_object_get_headers(GMIME_OBJECT(object), options.get()));
  };
  const Owned<GMimeMessage> message(g_mime_message_new(FALSE));
  set_shared(message.get(), headers);
  const Owned<GMimePart> text = text_part("plain");
  if (form == BodyForm::TextOnly) {
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(text.get()));
    return {written(message.get()), {}, {}, {}};
  }
  const Owned<GMimePart> html = text_part("html");
  const Owned<GMimeMultipart> both(g_mime_multipart_new_with_subtype("alternative"));
  g_mime_multipart_add(both.get(), GMIME_OBJECT(text.get()));  // the plainest first (RFC 2046, 5.1.4)
  g_mime_multipart_add(both.get(), GMIME_OBJECT(html.get()));
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(both.get()));
  std::string head = written(message.get());
  return {std::move(head), written(text.get()), written(html.get()),
          g_mime_multipart_get_boundary(both.get())};
}

std::string make_own(const OwnHeaders& headers) {
  const Options options = crlf();
  const Owned<InternetAddressList> list(internet_address_list_new());
  add_mailbox(list.get(), headers.to);
  // What stands before counts where GMime folds; it ends the line too.
  GString* const to = g_string_new("To: ");
  internet_address_list_encode(list.get(), options.get(), to);
  const std::string subject = taken(
      g_mime_utils_header_encode_text(options.get(), words_for_header(headers.subject).c_str(), "utf-8"));
  // Folded with LF alone, whatever the options say.
  const std::string folded =
      taken(g_mime_utils_unstructured_header_fold(nullptr, options.get(), ("Subject: " + subject).c_str()));

  std::string text = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n",
                                 std::chrono::floor<std::chrono::seconds>(headers.date));
  text.append(to->str, to->len);
  g_string_free(to, TRUE);
  for (const char c : folded) {
    if (c == '\n') text += '\r';
    text += c;
  }
  text += fmt::format("Message-Id: <{}>\r\n", headers.message_id);
  return text;
}

// GMime registers its types at their first use, without a lock: so all of them are used once, by one thread.
void require_gmime() {
  static std::once_flag once;
  std::call_once(once, [] {
    g_mime_init();
    const Mailbox ascii = *Mailbox::parse("\"Bob Kelly\" <bob@contoso.com>");
    const Mailbox group = *Mailbox::parse("José <josé@contoso.com>");
    make_fixed({ascii, {ascii, group}, ascii, "en"}, BodyForm::HtmlAndText);
    make_own({group, "é", "warm-up@contoso.com", {}});
  });
}

}  // namespace

FixedHeaders fixed_headers(const SharedHeaders& headers, BodyForm form) {
  require_gmime();
  return make_fixed(headers, form);
}

std::string own_headers(const OwnHeaders& headers) {
  require_gmime();
  return make_own(headers);
}

}  // namespace dialin
