// SPDX-License-Identifier: Apache-2.0
#include "people/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <istream>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace dialin {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;
constexpr int kEnd = -1;

// What octets 0x80 to 0x9F mean in windows-1252; 0 where nothing.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The words of `field` around what is not UTF-8, as they would read in windows-1252, what such files most
// often are.
std::string as_windows_1252(std::string_view field) {
  constexpr std::size_t Before = 24;
  constexpr std::size_t Shown = 64;
  std::size_t wrong = 0;
  for (Utf8Character character; wrong < field.size(); wrong += character.size) {
    character = decode_utf8(field, wrong);
    if (character.size == 0) break;
  }
  if (wrong > Before) field.remove_prefix(wrong - Before);
  std::string text;
  for (char c : field.substr(0, Shown)) {
    const auto octet = static_cast<unsigned char>(c);
    char32_t code = octet;
    if (octet >= 0x80 && octet <= 0x9F) code = kWindows1252[octet - 0x80];
    append_utf8(text, code == 0 ? U'?' : code);
  }
  return sanitize_foreign_text(text, Shown);
}

bool names_a_separator(char c) {
  return c == ',' || c == ';' || c == '\t';
}

}  // namespace

std::string_view clean_cell(std::string_view cell) {
  cell = trim(cell);
  if (cell.size() >= 2 && cell[0] == '\'' &&
      std::string_view("=+-@").find(cell[1]) != std::string_view::npos) {
    cell.remove_prefix(1);
  }
  return cell;
}

class CsvReader::Implementation {
 public:
  Implementation(Read read, std::string name, const CsvFormat& format)
      : decoder_(std::move(read), name, format.encoding),
        name_(std::move(name)),
        buffer_(Secret::of_size(kBufferSize)),
        octets_(buffer_.reveal_mutable(ClearSecretAccess())),
        separator_(format.separator) {
    read_header();
  }

  void keep_secret(std::size_t column) {
    secret_column_ = column;
    secret_ = Secret::of_size(kLongestSecret);
  }
  std::string digest() const { return decoder_.digest(); }
  const std::string& name() const { return name_; }
  const std::vector<std::string>& header() const { return header_; }
  char separator() const { return separator_; }

  std::optional<CsvRecord> next() {
    std::optional<CsvRecord> record = read_record();
    if (record && !record->problem && record->fields.size() != header_.size()) {
      const char* hint = record->fields.size() > header_.size()
                             ? "; a value that contains the separator stands in quotes"
                         : cut_off_ ? "; the file ends in this row: is it complete?"
                                    : "; an empty value needs its separator, too";
      record->problem = CsvProblem{
          record->line,
          {},
          fmt::format("has {} fields, the header has {}{}", record->fields.size(), header_.size(), hint)};
    }
    if (record && record->problem) {
      record->fields.clear();
      record->secret.reset();
    }
    return record;
  }

 private:
  // --- octets ---

  int peek() {
    if (position_ == filled_ && !ended_) {
      filled_ = decoder_.read(octets_, kBufferSize);
      position_ = 0;
      ended_ = filled_ == 0;
    }
    return position_ == filled_ ? kEnd : static_cast<unsigned char>(octets_[position_]);
  }

  int take() {
    const int octet = peek();
    if (octet == kEnd) return kEnd;
    ++position_;
    // CRLF counts once, when its LF is taken.
    if (octet == '\n' || (octet == '\r' && peek() != '\n')) ++line_;
    return octet;
  }

  // What is in the buffer up to the next octet that means something: a quote, a line end, NUL, and outside of
  // quotes the separator.
  std::string_view take_plain(bool quoted) {
    const std::size_t begin = position_;
    for (; position_ < filled_; ++position_) {
      const char c = octets_[position_];
      if (c == '"' || c == '\n' || c == '\r' || c == '\0' || (!quoted && c == separator_)) break;
    }
    return {octets_ + begin, position_ - begin};
  }

  // --- records ---

  // One record as it stands, empty lines skipped; before the header (separator 0) the whole line is one
  // field.
  std::optional<CsvRecord> read_record() {
    while (peek() == '\n' || peek() == '\r') take();
    if (peek() == kEnd) return std::nullopt;
    record_ = CsvRecord{line_, {}, std::nullopt, std::nullopt};
    record_.fields.reserve(header_.size());
    record_size_ = 0;
    for (bool more = true; more;) more = read_field();
    return std::move(record_);
  }

  // Reads one field with what ends it; true if another one follows.
  bool read_field() {
    const std::size_t field_line = line_;
    field_.clear();
    secret_size_ = 0;
    if (peek() == '"') {
      take();
      if (!read_quoted()) {
        // Replaces an earlier problem (a field too large, most often): this is its cause.
        record_.problem = CsvProblem{field_line, column(), "has a quote that is never closed"};
        return false;
      }
    }
    for (;;) {
      append(take_plain(false), field_line);
      const int octet = take();
      if (octet == '\r' && peek() == '\n') take();
      const bool another = octet == static_cast<unsigned char>(separator_);
      if (another || octet == '\n' || octet == '\r' || octet == kEnd) {
        finish_field(field_line);
        cut_off_ = octet == kEnd;
        return another;
      }
      if (octet == '"')
        report(field_line, "has a quote inside a value: quote the whole value and double the quote");
      append_octet(octet, field_line);
    }
  }

  // After the opening quote; true when the closing one was taken.
  bool read_quoted() {
    for (;;) {
      append(take_plain(true), line_);
      const std::size_t line = line_;
      const int octet = take();
      if (octet == kEnd) return false;
      if (octet == '"') {
        if (peek() != '"') break;
        take();
      }
      append_octet(octet, line);
    }
    const int after = peek();
    if (after != static_cast<unsigned char>(separator_) && after != '\n' && after != '\r' && after != kEnd) {
      report(line_, "has text after the closing quote");
    }
    return true;
  }

  void append_octet(int octet, std::size_t line) {
    if (octet == 0) {
      report(
          line,
          "contains a NUL octet; a file that is UTF-16 without a byte order mark needs -Encoding UTF-16LE");
    }
    const char c = static_cast<char>(octet);
    append({&c, 1}, line);
  }

  void append(std::string_view octets, std::size_t line) {
    const bool secret = record_.fields.size() == secret_column_;
    if (secret && octets.size() > kLongestSecret - secret_size_) {
      return report(line, "is larger than 256 octets");
    }
    if (octets.size() > kLongestField - field_.size()) return report(line, "is larger than 1 MB");
    if (octets.size() > kLongestRecord - record_size_)
      return report(line, "makes the record larger than 4 MB");
    record_size_ += octets.size();
    if (!secret) {
      field_ += octets;
      return;
    }
    octets.copy(secret_.reveal_mutable(ClearSecretAccess()) + secret_size_, octets.size());
    secret_size_ += octets.size();
  }

  void finish_field(std::size_t line) {
    const bool secret = record_.fields.size() == secret_column_;
    const std::string_view text =
        secret ? secret_.reveal(ClearSecretAccess()).substr(0, secret_size_) : std::string_view(field_);
    if (!is_utf8(text)) report(line, explain_not_text(secret ? std::string_view() : text));
    if (record_.fields.size() == kMostColumns) return report(line, "is one column more than 1,000");
    if (secret && secret_size_ > 0) record_.secret = Secret(text);
    // What has a problem is not handed out; its fields are counted only.
    record_.fields.push_back(record_.problem ? std::string() : std::move(field_));
    field_.clear();
  }

  std::string explain_not_text(std::string_view shown) const {
    if (!decoder_.encoding().empty()) {
      return fmt::format("has octets that mean nothing in {}; is that the encoding of the file?",
                         decoder_.encoding());
    }
    return fmt::format(
        "is not UTF-8{}; name the encoding of the file (-Encoding windows-1252), or save it as \"CSV "
        "UTF-8\"",
        shown.empty() ? std::string()
                      : fmt::format(" (as windows-1252 it reads \"{}\")", as_windows_1252(shown)));
  }

  // The first problem of a record is the one to mend first.
  void report(std::size_t line, std::string reason) {
    if (!record_.problem) record_.problem = CsvProblem{line, column(), std::move(reason)};
  }

  std::string column() const {
    const std::size_t index = record_.fields.size();
    return index < header_.size() ? header_[index] : std::string();
  }

  // --- header ---

  void read_header() {
    // The separator is not known until the header's line has been seen, so that line is looked at as it
    // stands in the buffer: a header is far shorter than that.
    for (;;) {
      while (peek() == '\n' || peek() == '\r') take();
      if (peek() == kEnd) fail(line_, "is empty: a header with the columns' names is needed");
      const std::string_view line = upcoming_line();
      if (line.starts_with("#TYPE")) {
        skip_line();
      } else if (line.size() >= 5 && equal_ignoring_case(line.substr(0, 4), "sep=")) {
        // One that the caller names is right: it was typed for this file.
        if (separator_ == '\0') separator_ = line[4];
        if (separator_ == line[4] && !names_a_separator(line[4])) {
          fail(line_, "names a separator that is none of comma, semicolon and tab; name it: -Delimiter");
        }
        skip_line();
      } else {
        if (separator_ == '\0') separator_ = likely_separator(line);
        break;
      }
    }
    std::optional<CsvRecord> record = read_record();
    if (!record) fail(line_, "is empty: a header with the columns' names is needed");
    if (record->problem) fail(record->problem->line, "has a header that " + record->problem->reason);
    for (std::size_t i = 0; i < record->fields.size(); ++i) {
      std::string column(trim(record->fields[i]));
      if (has_control_characters(column) || column.size() > 256) {
        fail(record->line,
             fmt::format("has a name of column {} that is too long or has control characters", i + 1));
      }
      for (const std::string& earlier : header_) {
        if (!column.empty() && equal_ignoring_case(earlier, column)) {
          fail(record->line, fmt::format("has the column {} twice", column));
        }
      }
      header_.push_back(std::move(column));
    }
  }

  // The octets up to the next line end, as far as the buffer can hold them.
  std::string_view upcoming_line() {
    constexpr std::size_t LeastPiece = 16;
    std::size_t length = 0;
    for (;;) {
      const std::string_view seen(octets_ + position_, filled_ - position_);
      const std::size_t end = seen.find_first_of("\r\n", length);
      if (end != std::string_view::npos) return seen.substr(0, end);
      length = seen.size();
      // Nothing before the header needs to be kept, so what is left may move to the front.
      std::memmove(octets_, octets_ + position_, length);
      position_ = 0;
      filled_ = length;
      if (ended_ || kBufferSize - filled_ < LeastPiece) return {octets_, filled_};
      const std::size_t count = decoder_.read(octets_ + filled_, kBufferSize - filled_);
      ended_ = count == 0;
      filled_ += count;
    }
  }

  static char likely_separator(std::string_view line) {
    std::array<std::size_t, 3> counts{};
    constexpr std::string_view kCandidates = ",;\t";
    bool quoted = false;
    for (char c : line) {
      if (c == '"') quoted = !quoted;
      const std::size_t index = kCandidates.find(c);
      if (!quoted && index != std::string_view::npos) ++counts[index];
    }
    return kCandidates[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                                counts.begin())];
  }

  void skip_line() {
    for (int octet = take(); octet != '\n' && octet != '\r' && octet != kEnd;) octet = take();
  }

  [[noreturn]] void fail(std::size_t line, std::string_view what) const {
    throw Error(ErrorCode::InvalidInput, fmt::format("{}, line {}: the file {}", name_, line, what));
  }

  TextDecoder decoder_;
  std::string name_;
  Secret buffer_;
  char* octets_;              // of buffer_
  std::size_t position_ = 0;  // of the next octet in buffer_
  std::size_t filled_ = 0;    // octets in buffer_ that were read
  bool ended_ = false;
  std::size_t line_ = 1;

  char separator_;  // '\0' until the header's line was seen, unless the caller named it
  std::vector<std::string> header_;
  CsvRecord record_;
  std::size_t record_size_ = 0;
  bool cut_off_ = false;  // the last record read had no line end
  std::string field_;
  std::size_t secret_column_ = std::string::npos;
  Secret secret_;  // what of that column's cell was taken, instead of in field_
  std::size_t secret_size_ = 0;
};

CsvReader::CsvReader(Read read, std::string name, const CsvFormat& format)
    : implementation_(std::make_unique<Implementation>(std::move(read), std::move(name), format)) {}
CsvReader::~CsvReader() = default;
CsvReader::CsvReader(CsvReader&&) noexcept = default;

const std::string& CsvReader::name() const {
  return implementation_->name();
}
const std::vector<std::string>& CsvReader::header() const {
  return implementation_->header();
}
char CsvReader::separator() const {
  return implementation_->separator();
}
void CsvReader::keep_secret(std::size_t column) {
  implementation_->keep_secret(column);
}
std::string CsvReader::digest() const {
  return implementation_->digest();
}
std::optional<CsvRecord> CsvReader::next() {
  return implementation_->next();
}

CsvReader::Read read_from(std::istream& stream, std::string name) {
  return [&stream, name = std::move(name)](char* buffer, std::size_t size) {
    stream.read(buffer, static_cast<std::streamsize>(size));
    if (stream.bad()) throw Error(ErrorCode::Unavailable, fmt::format("cannot read {}", name));
    return static_cast<std::size_t>(stream.gcount());
  };
}

}  // namespace dialin
