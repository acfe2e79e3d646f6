// SPDX-License-Identifier: Apache-2.0
#include "store/policies.h"

#include <fmt/format.h>

#include <functional>

#include "store/people_rows.h"

namespace dialin {
namespace {

// People who are looked at in one statement.
constexpr std::size_t kPage = 2000;

constexpr const char* kColumns =
    "identity, description, minimum_length, history_count, allow_common_patterns, lifetime_days, "
    "maximum_logon_attempts, change_at_first_use";
constexpr std::size_t kColumnCount = 8;

NamedPolicy read_policy(const SqlRow& row) {
  SqlRowReader reader(row);
  NamedPolicy named;
  const auto identity = ScopeIdentity::parse(reader.text());
  if (!identity) throw Error(ErrorCode::Internal, "the store holds a PIN policy whose name cannot be read");
  named.identity = *identity;
  named.description = reader.text();
  const auto number = [&] { return static_cast<unsigned>(reader.integer()); };
  named.policy.minimum_length = number();
  named.policy.history_count = number();
  named.policy.allow_common_patterns = reader.flag();
  named.policy.lifetime_days = number();
  if (reader.next_is_null()) {
    reader.skip(1);
  } else {
    named.policy.maximum_logon_attempts = number();
  }
  named.policy.change_at_first_use = reader.flag();
  return named;
}

void write_policy(SociSession& sql, const NamedPolicy& named) {
  const PinPolicy& policy = named.policy;
  sql.execute(
      "INSERT INTO pin_policies (identity_key, identity, description, minimum_length, history_count, "
      "allow_common_patterns, lifetime_days, maximum_logon_attempts, change_at_first_use) VALUES (:key, "
      ":identity, :description, :minimum_length, :history_count, :allow_common_patterns, :lifetime_days, "
      ":maximum_logon_attempts, :change_at_first_use) ON CONFLICT (identity_key) DO UPDATE SET description = "
      "excluded.description, minimum_length = excluded.minimum_length, history_count = "
      "excluded.history_count, allow_common_patterns = excluded.allow_common_patterns, lifetime_days = "
      "excluded.lifetime_days, maximum_logon_attempts = excluded.maximum_logon_attempts, change_at_first_use "
      "= excluded.change_at_first_use",
      {{"key", named.identity.key()},
       {"identity", named.identity.text()},
       {"description", named.description},
       {"minimum_length", policy.minimum_length},
       {"history_count", policy.history_count},
       {"allow_common_patterns", policy.allow_common_patterns},
       {"lifetime_days", policy.lifetime_days},
       {"maximum_logon_attempts", policy.maximum_logon_attempts},
       {"change_at_first_use", policy.change_at_first_use}});
}

// A person as far as policies look at one.
struct Governed {
  PersonId id;
  std::string site;
  std::string granted;
  std::optional<Timestamp> changed_at;  // of the PIN; none: no PIN
  std::optional<Timestamp> expires_at;
};

Governed read_governed(const SqlRow& row) {
  return {row.text(0), row.text(1), row.text(2), row.optional_time(3), row.optional_time(4)};
}

constexpr const char* kGoverned =
    "SELECT people.id, people.site, people.pin_policy, pins.changed_at, pins.expires_at FROM people JOIN "
    "pins "
    "ON pins.person = people.id WHERE people.removed = 0";
constexpr std::size_t kGovernedColumnCount = 5;

using Visit = std::function<void(const Governed&)>;

void for_everybody(SociSession& sql, const Visit& visit) {
  std::string after;
  for (;;) {
    const std::vector<SqlRow> rows =
        sql.rows(std::string(kGoverned) + " AND people.id > :after ORDER BY people.id LIMIT :page",
                 kGovernedColumnCount, {{"after", after}, {"page", kPage}});
    for (const SqlRow& row : rows) visit(read_governed(row));
    if (rows.size() < kPage) return;
    after = rows.back().text(0);
  }
}

// Error(NotFound) if somebody is not there.
void for_people(SociSession& sql, std::vector<PersonId> people, const Visit& visit) {
  std::sort(people.begin(), people.end());  // the order in which pins are locked
  people.erase(std::unique(people.begin(), people.end()), people.end());
  for (const PersonId& id : people) {
    const auto row =
        sql.row(std::string(kGoverned) + " AND people.id = :id", kGovernedColumnCount, {{"id", id}});
    if (!row) refuse_unknown_person(id);
    visit(read_governed(*row));
  }
}

// Counts what happens to people, and writes it where there is a transaction.
class Effects {
 public:
  Effects(SociSession& sql, WriteTransaction* transaction)
      : sql_(sql), transaction_(transaction), now_(transaction != nullptr ? transaction->now() : sql.now()) {}

  void add(const Governed& person, const PinPolicy& policy) {
    ++effect_.people;
    if (!person.changed_at) return;
    ++effect_.with_pin;
    const auto expiry = expiry_under(policy, *person.changed_at, person.expires_at, now_);
    if (expiry == person.expires_at) return;
    if (expiry && (!person.expires_at || *expiry < *person.expires_at)) {
      ++effect_.expire_sooner;
      if (!effect_.first_expiry || *expiry < *effect_.first_expiry) effect_.first_expiry = expiry;
    } else {
      ++effect_.expire_later;
    }
    if (transaction_ == nullptr) return;
    sql_.execute("UPDATE pins SET expires_at = :expiry WHERE person = :person AND changed_at = :changed_at",
                 {{"expiry", expiry}, {"person", person.id}, {"changed_at", person.changed_at}});
  }

  const PolicyEffect& effect() const { return effect_; }

 private:
  SociSession& sql_;
  WriteTransaction* transaction_;
  Timestamp now_;
  PolicyEffect effect_;
};

// Everybody whose policy is another one after, or has the identity that changed.
PolicyEffect apply_to_everybody(SociSession& sql, WriteTransaction* transaction, const PolicySet& before,
                                const PolicySet& after, const ScopeIdentity& changed) {
  Effects effects(sql, transaction);
  const std::string key = changed.key();
  for_everybody(sql, [&](const Governed& person) {
    const NamedPolicy& then = after.of(person.site, person.granted);
    if (then.identity.key() == key || before.of(person.site, person.granted).identity.key() == key)
      effects.add(person, then.policy);
  });
  return effects.effect();
}

void lock_policies(WriteTransaction& transaction) {
  SociSession& sql = transaction.sql();
  sql.row(std::string("SELECT name FROM table_locks WHERE name = 'pin_policies'") + sql.for_update(), 1);
}

std::vector<std::pair<std::string, std::string>> detail_of(const NamedPolicy& named) {
  const PinPolicy& policy = named.policy;
  return {{"identity", named.identity.text()},
          {"minimum_length", std::to_string(policy.minimum_length)},
          {"history_count", std::to_string(policy.history_count)},
          {"allow_common_patterns", policy.allow_common_patterns ? "yes" : "no"},
          {"lifetime_days", std::to_string(policy.lifetime_days)},
          {"maximum_logon_attempts",
           policy.maximum_logon_attempts ? std::to_string(*policy.maximum_logon_attempts) : "automatic"},
          {"change_at_first_use", policy.change_at_first_use ? "yes" : "no"}};
}

void audit(WriteTransaction* transaction, const Operator& by, const char* event, const NamedPolicy& named,
           const PolicyEffect& effect) {
  if (transaction == nullptr) return;
  AuditEntry entry{by, event, {}, detail_of(named)};
  entry.detail.emplace_back("people", std::to_string(effect.people));
  entry.detail.emplace_back("expire_sooner", std::to_string(effect.expire_sooner));
  transaction->audit(std::move(entry));
}

// Runs `body(sql, transaction)` as a plan, with a null pointer, or as a change.
template <class Body>
PolicyEffect in_mode(StoreContext& context, ImportMode mode, const Step& step, Body body) {
  if (mode == ImportMode::WhatIf)
    return read(context, step.doing, [&](SociSession& sql) { return PolicyEffect(body(sql, nullptr)); });
  return write(context, step, [&](WriteTransaction& transaction) {
    lock_policies(transaction);
    return PolicyEffect(body(transaction.sql(), &transaction));
  });
}

[[noreturn]] void refuse_unknown_policy(const ScopeIdentity& identity) {
  throw Error(ErrorCode::NotFound, fmt::format("there is no PIN policy {}", identity.text()),
              "Get-CsPinPolicy lists those that there are.");
}

void refuse_bad_policy(const NamedPolicy& named) {
  const std::string reason = explain_bad_policy(named.policy);
  if (reason.empty()) return;
  throw Error(ErrorCode::InvalidInput,
              fmt::format("the PIN policy {} cannot be so: {}", named.identity.text(), reason),
              "Nothing was changed.");
}

}  // namespace

PolicySet read_policies(SociSession& sql) {
  std::vector<NamedPolicy> policies;
  for (const SqlRow& row : sql.rows(fmt::format("SELECT {} FROM pin_policies", kColumns), kColumnCount))
    policies.push_back(read_policy(row));
  return PolicySet(std::move(policies));
}

void apply_policies(WriteTransaction& transaction, const std::vector<PersonId>& people) {
  const PolicySet policies = read_policies(transaction.sql());
  Effects effects(transaction.sql(), &transaction);
  for_people(transaction.sql(), people, [&](const Governed& person) {
    effects.add(person, policies.of(person.site, person.granted).policy);
  });
}

PolicySet SociPolicyStore::policies() {
  return read(context_, "reading the PIN policies", read_policies);
}

PolicyEffect SociPolicyStore::create(const NamedPolicy& policy, ImportMode mode, const Operator& by) {
  refuse_bad_policy(policy);
  return in_mode(context_, mode, {"policy-create", "creating a PIN policy"},
                 [&](SociSession& sql, WriteTransaction* transaction) {
                   const PolicySet before = read_policies(sql);
                   if (before.find(policy.identity) != nullptr)
                     throw Error(ErrorCode::AlreadyExists,
                                 fmt::format("there is a PIN policy {} already", policy.identity.text()),
                                 "Set-CsPinPolicy changes it.");
                   PolicySet after = before;
                   after.put(policy);
                   if (transaction != nullptr) write_policy(sql, policy);
                   const PolicyEffect effect =
                       apply_to_everybody(sql, transaction, before, after, policy.identity);
                   audit(transaction, by, "policy-created", policy, effect);
                   return effect;
                 });
}

PolicyEffect SociPolicyStore::change(const ScopeIdentity& identity, const PinPolicyChanges& changes,
                                     ImportMode mode, const Operator& by) {
  return in_mode(context_, mode, {"policy-change", "changing a PIN policy"},
                 [&](SociSession& sql, WriteTransaction* transaction) {
                   const PolicySet before = read_policies(sql);
                   const NamedPolicy* found = before.find(identity);
                   if (found == nullptr) refuse_unknown_policy(identity);
                   NamedPolicy policy = *found;
                   policy.policy = changed(policy.policy, changes);
                   if (changes.description) policy.description = *changes.description;
                   refuse_bad_policy(policy);
                   PolicySet after = before;
                   after.put(policy);
                   if (transaction != nullptr) write_policy(sql, policy);
                   const PolicyEffect effect = apply_to_everybody(sql, transaction, before, after, identity);
                   audit(transaction, by, "policy-changed", policy, effect);
                   return effect;
                 });
}

PolicyEffect SociPolicyStore::remove(const ScopeIdentity& identity, ImportMode mode, const Operator& by) {
  return in_mode(
      context_, mode, {"policy-remove", "removing a PIN policy"},
      [&](SociSession& sql, WriteTransaction* transaction) {
        const PolicySet before = read_policies(sql);
        const NamedPolicy* found = before.find(identity);
        if (found == nullptr) refuse_unknown_policy(identity);
        PolicySet after = before;
        after.erase(identity);
        const PolicyEffect effect = apply_to_everybody(sql, transaction, before, after, identity);
        if (transaction != nullptr) {
          sql.execute("DELETE FROM pin_policies WHERE identity_key = :key", {{"key", identity.key()}});
          if (found->identity.scope() == ScopeIdentity::Scope::Tag)
            sql.execute("UPDATE people SET pin_policy = '' WHERE pin_policy = :name",
                        {{"name", found->identity.name()}});
        }
        audit(transaction, by, "policy-removed", *found, effect);
        return effect;
      });
}

PolicyEffect SociPolicyStore::grant(const std::vector<PersonId>& people, const std::string& policy_name,
                                    ImportMode mode, const Operator& by) {
  return in_mode(context_, mode, {"policy-grant", "granting a PIN policy"},
                 [&](SociSession& sql, WriteTransaction* transaction) {
                   const PolicySet policies = read_policies(sql);
                   std::string name;
                   if (!policy_name.empty()) {
                     const ScopeIdentity identity = ScopeIdentity::tag(policy_name);
                     const NamedPolicy* found = policies.find(identity);
                     if (found == nullptr) refuse_unknown_policy(identity);
                     name = found->identity.name();
                   }
                   Effects effects(sql, transaction);
                   for_people(sql, people, [&](const Governed& person) {
                     if (person.granted == name) return;
                     effects.add(person, policies.of(person.site, name).policy);
                     if (transaction == nullptr) return;
                     sql.execute("UPDATE people SET pin_policy = :name WHERE id = :id AND removed = 0",
                                 {{"name", name}, {"id", person.id}});
                     transaction->audit(
                         {by, "policy-granted", person.id, {{"policy", name}, {"before", person.granted}}});
                   });
                   return effects.effect();
                 });
}

}  // namespace dialin
