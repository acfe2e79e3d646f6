// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "store/people_rows.h"
#include "store/people_store.h"

namespace dialin {
namespace {

// One way in which an identifier may match.
struct Attempt {
  const char* attribute;
  std::string condition;  // on :key
  std::string key;
};

// A LIKE pattern with ! as the escape character: * stands for any characters, everything else for itself.
std::string like_pattern(const std::string& key) {
  std::string pattern;
  for (char c : key) {
    if (c == '*') {
      // Several in a row mean no more than one, and cost more.
      if (pattern.empty() || pattern.back() != '%') pattern += '%';
    } else {
      if (c == '%' || c == '_' || c == '!') pattern += '!';
      pattern += c;
    }
  }
  return pattern;
}

std::vector<Attempt> attempts_for(const UserIdentifier& identifier) {
  const std::string& key = identifier.key();
  switch (identifier.form()) {
    case UserIdentifier::Form::SipUri:
      return {{"SipAddress", "sip_key = :key", key}};
    case UserIdentifier::Form::Address:
      return {{"SipAddress", "sip_key = :key", key},
              {"UserPrincipalName", "user_principal_name_key = :key", key},
              {"Mail", "mail_key = :key", key}};
    case UserIdentifier::Form::LogonName: {
      // Directories give the name with its domain or without it; a name typed with a domain also means the
      // one that was recorded without, never the one of another domain.
      const std::size_t backslash = key.find('\\');
      if (backslash == std::string::npos)
        return {{"SamAccountName",
                 "(sam_account_name_key = :key OR sam_account_name_key LIKE :pattern ESCAPE '!')", key},
                {"DisplayName", "display_name_key = :key", key}};
      return {{"SamAccountName", "sam_account_name_key = :key", key},
              {"SamAccountName", "sam_account_name_key = :key", key.substr(backslash + 1)}};
    }
    case UserIdentifier::Form::Telephone:
      return {{"LineUri", "line_uri = :key", key}};
    case UserIdentifier::Form::DistinguishedName:
      return {};  // the store has no such names
    case UserIdentifier::Form::DisplayName:
      if (identifier.has_wildcard())
        return {{"DisplayName", "display_name_key LIKE :key ESCAPE '!'", like_pattern(key)}};
      return {{"DisplayName", "display_name_key = :key", key}};
  }
  return {};
}

std::vector<Person> people_with(SociSession& sql, const Attempt& attempt, std::size_t limit) {
  Binds binds = {{"key", attempt.key}, {"limit", limit}};
  if (attempt.condition.find(":pattern") != std::string::npos)
    binds.push_back({"pattern", "%\\" + like_pattern(attempt.key)});
  std::vector<Person> people;
  for (const SqlRow& row :
       sql.rows(fmt::format("SELECT {} FROM people WHERE removed = 0 AND {} ORDER BY sip_key LIMIT "
                            ":limit",
                            kPersonColumns, attempt.condition),
                kPersonColumnCount, binds)) {
    SqlRowReader reader(row);
    people.push_back(read_person(reader));
  }
  return people;
}

}  // namespace

std::vector<DirectoryMatch> SociPeopleStore::find(const UserIdentifier& identifier, std::size_t limit) {
  return read(context_, "looking for a person", [&](SociSession& sql) {
    std::vector<DirectoryMatch> matches;
    for (const Attempt& attempt : attempts_for(identifier)) {
      for (Person& person : people_with(sql, attempt, limit)) {
        bool known = false;
        for (const DirectoryMatch& match : matches) known = known || match.person.id == person.id;
        if (!known && matches.size() < limit) matches.push_back({std::move(person), attempt.attribute});
      }
    }
    return matches;
  });
}

std::optional<Person> SociPeopleStore::get(const PersonId& id) {
  return read(context_, "reading a person", [&](SociSession& sql) { return find_person(sql, id); });
}

std::vector<Person> SociPeopleStore::list(const std::string& after, std::size_t limit) {
  const std::optional<SipAddress> address = SipAddress::parse(after);
  if (!after.empty() && !address)
    throw Error(ErrorCode::InvalidInput,
                fmt::format("listing people: {} is no SIP address to go on after", after));
  const Attempt rest = {"", "sip_key > :key", address ? address->key() : ""};
  return read(context_, "listing people", [&](SociSession& sql) { return people_with(sql, rest, limit); });
}

std::vector<std::string> SociPeopleStore::common_mail_domains() {
  return read(context_, "reading the people's mail domains", [&](SociSession& sql) {
    std::vector<std::string> domains;
    for (const SqlRow& row : sql.rows("SELECT mail_domain FROM people WHERE removed = 0 AND enabled = 1 AND "
                                      "mail_domain IS NOT NULL GROUP BY "
                                      "mail_domain HAVING COUNT(*) >= 2 ORDER BY mail_domain",
                                      1))
      domains.push_back(row.text(0));
    return domains;
  });
}

}  // namespace dialin
