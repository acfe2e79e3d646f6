// SPDX-License-Identifier: Apache-2.0
#include "people/text_decoder.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/encoding.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

namespace dialin {
namespace {

constexpr std::size_t RawSize = 16 * 1024;
constexpr std::string_view Utf8Mark = "\xEF\xBB\xBF";

struct CloseIconv {
  void operator()(void* descriptor) const { iconv_close(descriptor); }
};

// The octets that are passed over where nothing can be read.
std::size_t unit_of(std::string_view encoding) {
  const std::string name = to_lower_ascii(encoding);
  if (name.starts_with("utf-16") || name.starts_with("utf16") || name.starts_with("ucs-2")) return 2;
  if (name.starts_with("utf-32") || name.starts_with("utf32") || name.starts_with("ucs-4")) return 4;
  return 1;
}

}  // namespace

class TextDecoder::Implementation {
 public:
  Implementation(Read read, const std::string& name, const std::string& encoding)
      : read_(std::move(read)),
        raw_(Secret::of_size(RawSize)),
        octets_(raw_.reveal_mutable(ClearSecretAccess())) {
    if (encoding.empty() || equal_ignoring_case(encoding, "utf-8") || equal_ignoring_case(encoding, "utf8"))
      return;
    open(encoding);
    if (converter_) return;
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("reading {}: the encoding {} is not known", name, sanitize_foreign_text(encoding, 64)),
        "Name one of `iconv --list`, for example -Encoding windows-1252.");
  }

  std::size_t read(char* buffer, std::size_t size) {
    if (!begun_) look_at_mark();
    if (converter_) return convert(buffer, size);
    if (begin_ == end_) return pull(buffer, size);
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(buffer, octets_ + begin_, count);
    begin_ += count;
    return count;
  }

  const std::string& encoding() const { return encoding_; }
  std::string digest() const { return digest_.hex(); }

 private:
  void open(const std::string& encoding) {
    const iconv_t descriptor = iconv_open("UTF-8", encoding.c_str());
    if (descriptor == reinterpret_cast<iconv_t>(-1)) return;
    converter_.reset(descriptor);
    encoding_ = encoding;
  }

  std::size_t pull(char* buffer, std::size_t size) {
    if (ended_) return 0;
    const std::size_t count = read_(buffer, size);
    ended_ = count == 0;
    digest_.add({buffer, count});
    return count;
  }

  void look_at_mark() {
    begun_ = true;
    // A pipe may hand out its first octets one by one.
    while (end_ < Utf8Mark.size()) {
      const std::size_t count = pull(octets_ + end_, RawSize - end_);
      if (count == 0) break;
      end_ += count;
    }
    const std::string_view seen(octets_, end_);
    if (seen.starts_with(Utf8Mark)) {
      begin_ = Utf8Mark.size();
      converter_.reset();
      encoding_.clear();
    } else if (seen.starts_with("\xFF\xFE") || seen.starts_with("\xFE\xFF")) {
      begin_ = 2;
      open(seen.front() == '\xFF' ? "UTF-16LE" : "UTF-16BE");
    }
  }

  // Something of what is left in raw_, and more of the file as it is needed; 0 only at the end.
  std::size_t convert(char* buffer, std::size_t size) {
    char* to = buffer;
    std::size_t room = size;
    while (to == buffer && !finished_) {
      char* from = octets_ + begin_;
      std::size_t left = end_ - begin_;
      const bool done = iconv(converter_.get(), &from, &left, &to, &room) != static_cast<std::size_t>(-1);
      const int problem = done ? 0 : errno;
      begin_ = end_ - left;
      if (problem == E2BIG) break;
      if (problem == EILSEQ) {
        if (room == 0) break;
        pass_over(to, room);
      } else if (!refill()) {
        if (to != buffer) break;  // so that what iconv holds back has room the next time
        finish(to, room);
      }
    }
    return size - room;
  }

  void pass_over(char*& to, std::size_t& room) {
    *to++ = NotText;
    --room;
    begin_ += std::min(unit_of(encoding_), end_ - begin_);
  }

  // False: there is no more.
  bool refill() {
    // Part of a character may be left.
    std::memmove(octets_, octets_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::size_t count = pull(octets_ + end_, RawSize - end_);
    end_ += count;
    return count > 0;
  }

  void finish(char*& to, std::size_t& room) {
    finished_ = true;
    iconv(converter_.get(), nullptr, nullptr, &to, &room);
    if (begin_ != end_ && room > 0) pass_over(to, room);
  }

  Read read_;
  Secret raw_;
  char* octets_;           // of raw_
  std::size_t begin_ = 0;  // of what is not yet handed out
  std::size_t end_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool finished_ = false;
  std::unique_ptr<void, CloseIconv> converter_;
  std::string encoding_;
  Sha256 digest_;
};

TextDecoder::TextDecoder(Read read, const std::string& name, const std::string& encoding)
    : implementation_(std::make_unique<Implementation>(std::move(read), name, encoding)) {}
TextDecoder::~TextDecoder() = default;
TextDecoder::TextDecoder(TextDecoder&&) noexcept = default;

std::size_t TextDecoder::read(char* buffer, std::size_t size) {
  return implementation_->read(buffer, size);
}
const std::string& TextDecoder::encoding() const {
  return implementation_->encoding();
}
std::string TextDecoder::digest() const {
  return implementation_->digest();
}

}  // namespace dialin
