// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "people/text_decoder.h"
#include "run/input_columns.h"

namespace dialin {
namespace {

constexpr std::size_t BufferSize = 64 * 1024;
constexpr std::size_t LongestLine = CsvReader::kLongestRecord;
constexpr std::size_t MostKeys = CsvReader::kMostColumns;
constexpr std::size_t MostUnknownColumns = 100;  // so that an input that makes them up fills no memory

std::string show(std::string_view name) {
  return sanitize_foreign_text(name, 60);
}

// Lines of any origin, one after the other, in wiped memory.
class LineReader {
 public:
  LineReader(TextDecoder::Read read, const std::string& name)
      : decoder_(std::move(read), name, {}), buffer_(Secret::of_size(BufferSize)) {}

  // The next line without its end; valid until the next call.
  std::optional<std::string_view> next() {
    kept_size_ = 0;
    too_long_ = false;
    ++line_;
    for (;;) {
      const std::string_view seen =
          buffer_.reveal(ClearSecretAccess()).substr(position_, filled_ - position_);
      const std::size_t end = seen.find('\n');
      const std::string_view piece = seen.substr(0, end);
      position_ += piece.size();
      if (end != std::string_view::npos) {
        ++position_;
        if (kept_size_ == 0) return piece;
        keep(piece);
        return kept();
      }
      keep(piece);
      position_ = 0;
      filled_ = decoder_.read(buffer_.reveal_mutable(ClearSecretAccess()), BufferSize);
      if (filled_ > 0) continue;
      if (kept_size_ == 0) return std::nullopt;
      return kept();
    }
  }

  std::int64_t line() const { return line_; }
  bool too_long() const { return too_long_; }  // the last one, which is not whole then
  const std::string& encoding() const { return decoder_.encoding(); }
  std::string digest() const { return decoder_.digest(); }

 private:
  void keep(std::string_view piece) {
    if (piece.size() > LongestLine - kept_size_) {
      too_long_ = true;
      return;
    }
    if (piece.size() > kept_.size() - kept_size_) {
      Secret larger = Secret::of_size(std::max(2 * kept_.size(), kept_size_ + piece.size()));
      kept().copy(larger.reveal_mutable(ClearSecretAccess()), kept_size_);
      kept_ = std::move(larger);
    }
    piece.copy(kept_.reveal_mutable(ClearSecretAccess()) + kept_size_, piece.size());
    kept_size_ += piece.size();
  }

  std::string_view kept() const { return kept_.reveal(ClearSecretAccess()).substr(0, kept_size_); }

  TextDecoder decoder_;
  Secret buffer_;
  std::size_t position_ = 0;  // of what is not yet handed out
  std::size_t filled_ = 0;
  Secret kept_;  // a line that does not lie in the buffer as a whole
  std::size_t kept_size_ = 0;
  bool too_long_ = false;
  std::int64_t line_ = 0;
};

// Follows the parser through one line and fills a row. What the parser says of a mistake is never shown: it
// holds the text around, which may be a PIN.
class RowBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  RowBuilder(RunInputRow& row, const std::vector<std::string>& parameter_names)
      : row_(row), parameter_names_(parameter_names) {}

  const std::vector<std::string>& unknown_keys() const { return unknown_keys_; }

  bool null() override {
    return depth_ > 0 || no_object();
  }  // as if the key was not there: so PowerShell writes it
  bool boolean(bool) override { return other("is true or false"); }
  bool number_integer(number_integer_t) override { return number(); }
  bool number_unsigned(number_unsigned_t) override { return number(); }
  bool number_float(number_float_t, const string_t&) override { return number(); }
  bool binary(binary_t&) override { return other("is binary"); }

  bool string(string_t& text) override {
    if (depth_ == 0) return no_object();
    if (depth_ > 1 || !column_) return true;
    if (*column_ != InputColumn::Pin) {
      put_cell(row_, *column_, key_, text);
      return true;
    }
    // The parser's own copy.
    const Secret pin{std::string_view(text)};
    wipe(text);
    put_pin(row_, key_, pin);
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ == 1) other("is an object");
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    if (depth_ == 0) end_row();
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) {
      report_problem(
          row_, {},
          "is an array: write each object on a line of its own, without [ ] and commas (jq -c '.[]')");
      return false;
    }
    if (depth_ == 1) other("is an array");
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ > 1) return true;
    if (keys_.size() == MostKeys) {
      report_problem(row_, {}, "has more than 1,000 keys");
      return false;
    }
    if (is_among(keys_, name)) report_problem(row_, show(name), "stands twice in the object");
    keys_.push_back(name);
    key_ = show(name);
    column_ = input_column(name);
    if (column_) {
      bind();
    } else if (is_among(parameter_names_, name)) {
      report_problem(row_, key_, "is a parameter of the command, which a file cannot set");
    } else if (!name.empty()) {
      unknown_keys_.push_back(name);
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    report_problem(
        row_, {},
        fmt::format("is no JSON object, as far as character {}; each object stands on one line (jq -c .)",
                    position));
    return false;
  }

 private:
  bool no_object() {
    report_problem(row_, {}, "is no JSON object like {\"UserUri\":\"bob@contoso.com\"}");
    return false;
  }

  bool number() { return other("is a number, which may have lost its leading zeros: write it in quotes"); }

  bool other(const char* what) {
    if (depth_ == 0) return no_object();
    if (depth_ == 1 && column_) {
      report_problem(row_, key_,
                     fmt::format("{}{}", what, std::strchr(what, ':') ? "" : ": write a text in quotes"));
    }
    return true;
  }

  void bind() {
    std::string& bound = bound_[static_cast<std::size_t>(*column_)];
    if (!bound.empty() && !equal_ignoring_case(bound, key_)) {
      report_problem(row_, key_,
                     fmt::format("and {} both name {}: leave one of them", bound, meaning_of(*column_)));
    }
    bound = key_;
  }

  void end_row() {
    const std::string& person = bound_[static_cast<std::size_t>(InputColumn::Person)];
    if (person.empty()) {
      report_problem(row_, "UserUri", "is not there: it names the person");
    }
    finish_row(row_, person);
    if (bound_[static_cast<std::size_t>(InputColumn::MailResult)].empty()) return;
    std::erase_if(unknown_keys_, [](const std::string& name) { return is_report_column(name); });
  }

  RunInputRow& row_;
  const std::vector<std::string>& parameter_names_;
  std::vector<std::string> keys_;
  std::vector<std::string> unknown_keys_;
  std::array<std::string, InputColumnCount> bound_;  // by InputColumn: the key that stands for it
  std::string key_;                                  // whose value comes next, fit to be shown
  std::optional<InputColumn> column_;                // what it is
  std::size_t depth_ = 0;
};

class JsonRunInput final : public RunInput {
 public:
  JsonRunInput(TextDecoder::Read read, const std::string& name,
               const std::vector<std::string>& parameter_names)
      : lines_(std::move(read), name), parameter_names_(parameter_names) {}

  std::optional<RunInputRow> next() override {
    while (const std::optional<std::string_view> line = lines_.next()) {
      if (trim(*line).empty()) continue;
      RunInputRow row;
      row.line = lines_.line();
      if (lines_.too_long()) {
        report_problem(row, {}, "is longer than 4 MB");
      } else if (!is_utf8(*line)) {
        report_problem(row, {},
                       lines_.encoding().empty()
                           ? "is not UTF-8, which JSON is written in"
                           : fmt::format("has octets that mean nothing in {}", lines_.encoding()));
      } else {
        read_row(*line, row);
      }
      return row;
    }
    return std::nullopt;
  }

  const std::vector<UnknownColumn>& unknown_columns() const override { return unknown_columns_; }
  std::string digest() const override { return lines_.digest(); }

 private:
  void read_row(std::string_view line, RunInputRow& row) {
    RowBuilder builder(row, parameter_names_);
    nlohmann::json::sax_parse(line.begin(), line.end(), &builder);
    if (row.problem) row.pin.reset();
    for (const std::string& name : builder.unknown_keys()) {
      const bool named = std::any_of(unknown_columns_.begin(), unknown_columns_.end(),
                                     [&](const UnknownColumn& column) { return column.name == name; });
      if (!named && unknown_columns_.size() < MostUnknownColumns) {
        unknown_columns_.push_back(unknown_input_column(name));
      }
    }
  }

  LineReader lines_;
  std::vector<std::string> parameter_names_;
  std::vector<UnknownColumn> unknown_columns_;
};

}  // namespace

std::unique_ptr<RunInput> json_run_input(CsvReader::Read read, std::string name,
                                         const std::vector<std::string>& parameter_names) {
  return std::make_unique<JsonRunInput>(std::move(read), name, parameter_names);
}

}  // namespace dialin
