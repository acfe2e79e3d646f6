// SPDX-License-Identifier: Apache-2.0
#include "store/numbered_sql.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"

namespace dialin {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool goes_on_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

constexpr std::size_t kLinear = 16;

class BindNames {
 public:
  explicit BindNames(const Binds& binds) : binds_(binds), used_(binds.size()) {}

  std::size_t find(std::string_view name) {
    // Long statements name their values in order.
    if (next_ < binds_.size() && binds_[next_].name == name) return use(next_);
    // What many rows share stands last, and may be named often.
    for (std::size_t i = binds_.size(); i-- > 0 && i + kLinear >= binds_.size();) {
      if (binds_[i].name == name) return use(i);
    }
    if (places_.empty()) {
      for (std::size_t i = 0; i < binds_.size(); ++i) places_.emplace(binds_[i].name, i);
    }
    const auto found = places_.find(name);
    if (found == places_.end())
      throw Error(ErrorCode::Internal, "a statement has no value for :" + std::string(name));
    return use(found->second);
  }

  void refuse_unused() const {
    const auto unused = std::find(used_.begin(), used_.end(), false);
    if (unused != used_.end())
      throw Error(ErrorCode::Internal, "a statement has no place for the value :" +
                                           binds_[static_cast<std::size_t>(unused - used_.begin())].name);
  }

 private:
  std::size_t use(std::size_t place) {
    used_[place] = true;
    next_ = place + 1;
    return place;
  }

  const Binds& binds_;
  std::vector<bool> used_;
  std::size_t next_ = 0;
  std::unordered_map<std::string_view, std::size_t> places_;
};

}  // namespace

NumberedSql number_placeholders(std::string_view sql, const Binds& binds, PlaceholderStyle style) {
  NumberedSql result;
  result.text.reserve(sql.size());
  BindNames names(binds);
  std::size_t begin = 0;  // of what is not copied yet
  for (std::size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'' || sql[i] == '"') {
      // A doubled quote inside ends one text and begins the next: the same result.
      i = std::min(sql.find(sql[i], i + 1), sql.size() - 1) + 1;
      continue;
    }
    if (sql.substr(i, 2) == "::") {
      i += 2;
      continue;
    }
    if (sql[i] != ':' || i + 1 == sql.size() || !begins_name(sql[i + 1])) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < sql.size() && goes_on_name(sql[end])) ++end;
    result.order.push_back(names.find(sql.substr(i + 1, end - i - 1)));
    result.text += sql.substr(begin, i - begin);
    if (style == PlaceholderStyle::Question) {
      result.text += '?';
    } else {
      result.text += '$';
      result.text += std::to_string(result.order.size());
    }
    begin = i = end;
  }
  result.text += sql.substr(begin);
  names.refuse_unused();
  return result;
}

}  // namespace dialin
