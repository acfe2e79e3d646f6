// SPDX-License-Identifier: Apache-2.0
// GMime builds and encodes the message; its own buffers, freed unwiped, are out of our reach
// (doc/security.md).
#include "mail/message.h"

#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/encoding.h"
#include "base/error.h"
#include "base/text.h"
#include "mail/wiped_string.h"

namespace dialin {
namespace {

constexpr std::size_t LongestLine = 998;  // RFC 5322 section 2.1.1, without CR LF
constexpr std::size_t ComfortableLine = 78;
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
struct FreeDate {
  void operator()(GDateTime* date) const { g_date_time_unref(date); }
};

// A GByteArray whose content is wiped before it is given back; with room for all from the start, so that it
// does not grow and leave copies.
struct WipeAndFree {
  void operator()(GByteArray* bytes) const {
    wipe(bytes->data, bytes->len);
    g_byte_array_free(bytes, TRUE);
  }
};
using Bytes = std::unique_ptr<GByteArray, WipeAndFree>;

// A stream that reads and writes `bytes` and leaves them to their owner.
Owned<GMimeStream> stream_over(GByteArray* bytes) {
  Owned<GMimeStream> stream(g_mime_stream_mem_new());
  // In this order: the stream frees the array that it was made with only while it owns it.
  g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream.get()), bytes);
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
  return stream;
}

Bytes bytes_with_room(std::size_t size) {
  return Bytes(g_byte_array_sized_new(static_cast<guint>(size)));
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

bool has_short_ascii_lines(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    if ((c & 0x80) != 0 || line > ComfortableLine) return false;
  }
  return true;
}

// As it is where that may be; else quoted-printable, which stays readable where most letters are ASCII; else
// base64.
GMimeContentEncoding encoding_for(std::string_view text) {
  if (has_short_ascii_lines(text)) return GMIME_CONTENT_ENCODING_7BIT;
  const auto foreign = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
  return static_cast<std::size_t>(foreign) * 4 > text.size() ? GMIME_CONTENT_ENCODING_BASE64
                                                             : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

// The canonical form of text (RFC 2045 section 2.8), CRLF, before it is encoded. `text` has LF only.
Bytes with_canonical_line_ends(std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  Bytes bytes = bytes_with_room(text.size() + lines + 2);
  const auto append = [&bytes](std::string_view octets) {
    g_byte_array_append(bytes.get(), reinterpret_cast<const guint8*>(octets.data()),
                        static_cast<guint>(octets.size()));
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    append(text.substr(0, end));
    append("\r\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bytes;
}

// `content` must live as long as the part.
Owned<GMimePart> text_part(const char* subtype, GByteArray* content) {
  Owned<GMimePart> part(g_mime_part_new_with_type("text", subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const Owned<GMimeStream> stream = stream_over(content);
  Owned<GMimeDataWrapper> wrapper(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), wrapper.get());
  const std::string_view text(reinterpret_cast<const char*>(content->data), content->len);
  g_mime_part_set_content_encoding(part.get(), encoding_for(text));
  return part;
}

void set_header(GMimeMessage* message, const char* name, const std::string& value) {
  g_mime_object_set_header(GMIME_OBJECT(message), name, value.c_str(), "utf-8");
}

void set_headers(GMimeMessage* message, const MessageHeaders& headers) {
  const std::unique_ptr<GDateTime, FreeDate> date(g_date_time_new_from_unix_utc(
      std::chrono::floor<std::chrono::seconds>(headers.date).time_since_epoch().count()));
  g_mime_message_set_date(message, date.get());
  add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_FROM), headers.from);
  add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_TO), headers.to);
  for (const Mailbox& copy : headers.cc) {
    add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), copy);
  }
  if (headers.reply_to) {
    add_mailbox(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_REPLY_TO), *headers.reply_to);
  }
  g_mime_message_set_subject(message, words_for_header(headers.subject).c_str(), "utf-8");
  g_mime_message_set_message_id(message, headers.message_id.c_str());
  set_header(message, "Auto-Submitted", "auto-generated");  // RFC 3834: no vacation notices in answer
  set_header(message, "X-Auto-Response-Suppress", "All");   // the same for Exchange
  if (!headers.language.empty()) set_header(message, "Content-Language", headers.language);
}

Secret write(GMimeMessage* message, std::size_t size_of_parts) {
  const std::unique_ptr<GMimeFormatOptions, FreeOptions> options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  // At worst each octet of a part becomes three, and lines get soft ends.
  const Bytes result = bytes_with_room(size_of_parts * 7 / 2 + 16384);
  const Owned<GMimeStream> stream = stream_over(result.get());
  if (g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get()) < 0) {
    throw Error(ErrorCode::Internal, "composing a mail: GMime could not write it");
  }
  return Secret(std::string_view(reinterpret_cast<const char*>(result->data), result->len));
}

// What the header of this file promises, so that no server and no later code has to be asked.
void verify(std::string_view message) {
  const auto broken = [](std::string_view what) {
    throw Error(ErrorCode::Internal, fmt::format("composing a mail: the result has {}", what));
  };
  std::size_t line = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const auto octet = static_cast<unsigned char>(message[i]);
    if (octet == 0 || octet > 127) broken("an octet that is not 7-bit text");
    if (octet == '\r') {
      if (i + 1 == message.size() || message[i + 1] != '\n') broken("a CR without LF");
      continue;
    }
    if (octet == '\n') {
      if (i == 0 || message[i - 1] != '\r') broken("an LF without CR");
      line = 0;
    } else if (++line > LongestLine) {
      broken("a line of more than 998 octets");
    }
  }
  if (message.substr(message.size() < 2 ? 0 : message.size() - 2) != "\r\n") broken("no line end at its end");
}

Secret compose(const MessageHeaders& headers, std::string_view html, std::string_view text, BodyForm form) {
  const Bytes text_bytes = with_canonical_line_ends(text);
  const Bytes html_bytes = with_canonical_line_ends(html);
  const Owned<GMimeMessage> message(g_mime_message_new(FALSE));
  set_headers(message.get(), headers);
  const Owned<GMimePart> text_alternative = text_part("plain", text_bytes.get());
  if (form == BodyForm::TextOnly) {
    g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(text_alternative.get()));
    return write(message.get(), text_bytes->len);
  }
  const Owned<GMimePart> html_alternative = text_part("html", html_bytes.get());
  const Owned<GMimeMultipart> both(g_mime_multipart_new_with_subtype("alternative"));
  g_mime_multipart_add(both.get(),
                       GMIME_OBJECT(text_alternative.get()));  // the plainest first (RFC 2046, 5.1.4)
  g_mime_multipart_add(both.get(), GMIME_OBJECT(html_alternative.get()));
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(both.get()));
  return write(message.get(), text_bytes->len + html_bytes->len);
}

// GMime registers its types at their first use, without a lock: so all of them are used once, by one thread.
void require_gmime() {
  static std::once_flag once;
  std::call_once(once, [] {
    g_mime_init();
    const Mailbox nobody = *Mailbox::parse("\"Bob Kelly\" <bob@contoso.com>");
    const MessageHeaders headers{nobody, nobody, {nobody}, nobody, "é", "warm-up@contoso.com", {}, "en"};
    compose(headers, "<p>é</p>", "é é é é", BodyForm::HtmlAndText);
  });
}

}  // namespace

Secret compose_message(const MessageHeaders& headers, const RenderedWelcome& body, BodyForm form) {
  require_gmime();
  Secret message =
      compose(headers, body.html.reveal(ClearSecretAccess()), body.text.reveal(ClearSecretAccess()), form);
  verify(message.reveal(ClearSecretAccess()));
  return message;
}

std::string new_message_id(const std::string& random_identifier, const Mailbox& from) {
  return random_identifier + "@" + from.domain();
}

}  // namespace dialin
