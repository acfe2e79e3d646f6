// SPDX-License-Identifier: Apache-2.0
#include "command/number_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "people/language_tag.h"
#include "people/names.h"
#include "people/sip_address.h"

namespace dialin {
namespace {

const std::vector<std::string>& known_columns() {
  static const std::vector<std::string> columns = {"PrimaryUri",         "LineUri",  "DisplayNumber",
                                                   "DisplayName",        "Regions",  "PrimaryLanguage",
                                                   "SecondaryLanguages", "Priority", "Site"};
  return columns;
}

// A cell's text for a message: short, and nothing in it that a terminal would obey.
std::string show(std::string_view text) {
  return sanitize_foreign_text(text, 60);
}

class NumberFileReader {
 public:
  explicit NumberFileReader(CsvReader csv) : csv_(std::move(csv)) {
    for (std::size_t i = 0; i < csv_.header().size(); ++i) note_column(csv_.header()[i], i);
    for (const char* column : {"LineUri", "PrimaryLanguage"}) {
      if (columns_.contains(column)) continue;
      throw Error(ErrorCode::InvalidInput, fmt::format("{}: the file has no column {}", csv_.name(), column),
                  fmt::format("Its columns are {}.", join(known_columns(), ", ")));
    }
  }

  NumberFile read() {
    while (std::optional<CsvRecord> record = csv_.next()) {
      if (record->problem) {
        file_.problems.push_back(std::move(*record->problem));
      } else if (!is_empty(*record)) {
        check(*record);
      }
    }
    return std::move(file_);
  }

 private:
  void note_column(const std::string& name, std::size_t index) {
    if (name.empty()) return;
    for (const std::string& column : known_columns()) {
      if (!equal_ignoring_case(name, column)) continue;
      columns_[column] = index;
      return;
    }
    file_.unknown_columns.push_back({name, did_you_mean(name, known_columns())});
  }

  // Spreadsheets write such rows after the last one.
  static bool is_empty(const CsvRecord& record) {
    return std::all_of(record.fields.begin(), record.fields.end(),
                       [](const std::string& field) { return trim(field).empty(); });
  }

  void report(const char* column, std::string reason) {
    file_.problems.push_back({record_->line, column, std::move(reason)});
  }

  // Empty also if the file has no such column.
  std::string_view cell(const char* column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? std::string_view() : clean_cell(record_->fields[found->second]);
  }

  void check_unique(std::unordered_map<std::string, std::size_t>& seen, const char* column,
                    const std::string& key) {
    const auto [earlier, inserted] = seen.emplace(key, record_->line);
    if (inserted) return;
    report(column, fmt::format("\"{}\" stands in line {} and again in line {}", show(key), earlier->second,
                               record_->line));
  }

  std::string free_text(const char* column, std::string_view text) {
    const std::string problem = explain_bad_free_text(text);
    if (!problem.empty()) report(column, fmt::format("\"{}\": {}", show(text), problem));
    return std::string(text);
  }

  std::string language(const char* column, std::string_view text) {
    const auto tag = parse_language_tag(text);
    if (!tag) report(column, fmt::format("\"{}\": it is no language tag like en-US or fr-FR", show(text)));
    return tag.value_or("");
  }

  // What stands between the bars, each once.
  static std::vector<std::string> parts(std::string_view text) {
    std::vector<std::string> result;
    std::vector<std::string> keys;
    for (const std::string& part : split(text, '|')) {
      const std::string_view value = trim(part);
      std::string key = fold_case(value);
      if (value.empty() || std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      result.emplace_back(value);
      keys.push_back(std::move(key));
    }
    return result;
  }

  std::string primary_uri() {
    const std::string_view text = cell("PrimaryUri");
    if (text.empty()) return {};
    const auto address = SipAddress::parse(text);
    if (!address) {
      report("PrimaryUri", fmt::format("\"{}\": {}", show(text), explain_bad_sip_address(text)));
      return {};
    }
    check_unique(primary_uris_, "PrimaryUri", address->key());
    return address->uri();
  }

  std::vector<std::string> secondary_languages(const std::string& primary) {
    std::vector<std::string> tags;
    for (const std::string& part : parts(cell("SecondaryLanguages"))) {
      std::string tag = language("SecondaryLanguages", part);
      if (!tag.empty() && tag != primary) tags.push_back(std::move(tag));
    }
    if (tags.size() > MaximumSecondaryLanguages) {
      report("SecondaryLanguages", fmt::format("{} languages: at most {} stand beside the primary one",
                                               tags.size(), MaximumSecondaryLanguages));
    }
    return tags;
  }

  int priority() {
    const std::string_view text = cell("Priority");
    if (text.empty()) return 0;
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0 ||
        value > MaximumNumberPriority) {
      report("Priority",
             fmt::format("\"{}\": write a whole number from 0 to {}", show(text), MaximumNumberPriority));
    }
    return value;
  }

  void check(const CsvRecord& record) {
    record_ = &record;
    const std::size_t problems_before = file_.problems.size();
    const std::string_view line_text = cell("LineUri");
    std::optional<PhoneNumber> line = PhoneNumber::parse(line_text);
    if (line) {
      check_unique(line_uris_, "LineUri", line->uri());
    } else {
      report("LineUri", line_text.empty() ? std::string("is empty: it is the number that people call")
                                          : fmt::format("\"{}\": {}", show(line_text),
                                                        explain_bad_phone_number(line_text)));
    }
    std::string uri = primary_uri();
    std::string display_number = free_text("DisplayNumber", cell("DisplayNumber"));
    std::string display_name = free_text("DisplayName", cell("DisplayName"));
    std::vector<std::string> regions = parts(cell("Regions"));
    for (const std::string& region : regions) free_text("Regions", region);
    std::string primary_language;
    if (cell("PrimaryLanguage").empty()) {
      report("PrimaryLanguage", "is empty: every number answers in a language");
    } else {
      primary_language = language("PrimaryLanguage", cell("PrimaryLanguage"));
    }
    std::vector<std::string> others = secondary_languages(primary_language);
    const int order = priority();
    std::string site = free_text("Site", cell("Site"));
    if (file_.problems.size() != problems_before) return;
    if (display_number.empty()) display_number = line->display();
    file_.numbers.push_back(AccessNumber{
        std::move(uri), std::move(*line), std::move(display_number), std::move(display_name),
        std::move(regions), std::move(primary_language), std::move(others), order, std::move(site)});
  }

  CsvReader csv_;
  NumberFile file_;
  std::unordered_map<std::string, std::size_t> columns_;  // known column -> its index
  const CsvRecord* record_ = nullptr;                     // that is being checked
  // Key -> the line that has it.
  std::unordered_map<std::string, std::size_t> line_uris_;
  std::unordered_map<std::string, std::size_t> primary_uris_;
};

}  // namespace

NumberFile read_number_file(CsvReader csv) {
  return NumberFileReader(std::move(csv)).read();
}

}  // namespace dialin
