// SPDX-License-Identifier: Apache-2.0
#include "admin/group_name.h"

#include <algorithm>

#include "base/text.h"

namespace dialin {
namespace {

struct Name {
  std::string group;
  std::string domain;       // empty: none was written
  bool dns_domain = false;  // contoso.com, else CONTOSO
};

Name parse(std::string_view text) {
  const std::string folded = fold_case(trim(text));
  if (const std::size_t backslash = folded.find('\\'); backslash != std::string::npos)
    return {folded.substr(backslash + 1), folded.substr(0, backslash), false};
  if (const std::size_t at = folded.rfind('@'); at != std::string::npos)
    return {folded.substr(0, at), folded.substr(at + 1), true};
  return {folded, {}, false};
}

std::string_view first_label(const Name& name) {
  return std::string_view(name.domain).substr(0, name.domain.find('.'));
}

}  // namespace

bool same_group(std::string_view a, std::string_view b) {
  const Name one = parse(a);
  const Name other = parse(b);
  if (one.group.empty() || one.group != other.group) return false;
  if (one.domain.empty() || other.domain.empty()) return true;
  return one.dns_domain == other.dns_domain ? one.domain == other.domain
                                            : first_label(one) == first_label(other);
}

std::vector<std::string> spellings_of_group(std::string_view name) {
  const std::string whole(trim(name));
  const std::size_t backslash = whole.find('\\');
  const std::string bare =
      backslash != std::string::npos ? whole.substr(backslash + 1) : whole.substr(0, whole.rfind('@'));
  std::vector<std::string> spellings;
  for (const std::string& spelling : {whole, bare, fold_case(whole), fold_case(bare)}) {
    if (!spelling.empty() && std::find(spellings.begin(), spellings.end(), spelling) == spellings.end())
      spellings.push_back(spelling);
  }
  return spellings;
}

}  // namespace dialin
