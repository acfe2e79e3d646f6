// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/caught_parts.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/text.h"

namespace dialin {
namespace {

struct Unreference {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename Type>
using Owned = std::unique_ptr<Type, Unreference>;

std::optional<std::string> decoded(GMimeObject* part) {
  char* text = g_mime_text_part_get_text(reinterpret_cast<GMimeTextPart*>(part));
  if (text == nullptr) return std::nullopt;
  std::string copy(text);
  g_free(text);
  copy.erase(std::remove(copy.begin(), copy.end(), '\r'), copy.end());
  return copy;
}

bool is_attachment(GMimeObject* part) {
  const char* disposition = g_mime_object_get_disposition(part);
  return disposition != nullptr && equal_ignoring_case(disposition, "attachment");
}

}  // namespace

CaughtParts parse_caught_parts(std::string_view message) {
  static std::once_flag initialised;
  std::call_once(initialised, [] { g_mime_init(); });

  CaughtParts parts;
  const Owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(message.data(), message.size())};
  const Owned<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
  const Owned<GMimeMessage> parsed{g_mime_parser_construct_message(parser.get(), nullptr)};
  if (!parsed) return parts;
  if (const char* subject = g_mime_message_get_subject(parsed.get())) {
    parts.subject = sanitize_foreign_text(subject);
  }
  const std::unique_ptr<GMimePartIter, decltype(&g_mime_part_iter_free)> walk{
      g_mime_part_iter_new(reinterpret_cast<GMimeObject*>(parsed.get())), &g_mime_part_iter_free};
  do {
    GMimeObject* part = g_mime_part_iter_get_current(walk.get());
    if (part == nullptr || !GMIME_IS_TEXT_PART(part) || is_attachment(part)) continue;
    GMimeContentType* type = g_mime_object_get_content_type(part);
    if (!parts.text && g_mime_content_type_is_type(type, "text", "plain")) parts.text = decoded(part);
    if (!parts.html && g_mime_content_type_is_type(type, "text", "html")) parts.html = decoded(part);
  } while (g_mime_part_iter_next(walk.get()));
  return parts;
}

}  // namespace dialin
