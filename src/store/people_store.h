// SPDX-License-Identifier: Apache-2.0
// People on SOCI; split over people_find.cc, people_change.cc and people_import.cc.
#pragma once

#include "store/store.h"
#include "store/store_context.h"

namespace dialin {

struct PinsRow;

class SociPeopleStore final : public PeopleStore {
 public:
  explicit SociPeopleStore(StoreContext& context) : context_(context) {}

  std::vector<DirectoryMatch> find(const UserIdentifier& identifier, std::size_t limit) override;
  std::optional<Person> get(const PersonId& id) override;
  std::vector<Person> list(const std::string& after, std::size_t limit) override;
  PeopleImport apply(const std::vector<PersonRow>& rows, ImportMode mode, bool share_number,
                     const Operator& by) override;
  bool disable(const PersonId& id, const Operator& by) override;
  bool enable(const PersonId& id, bool keep_pin, const Operator& by) override;
  bool remove(const PersonId& id, const Operator& by) override;
  std::vector<std::string> common_mail_domains() override;

 private:
  StoreContext& context_;
};

// The PIN is refused from now on, and nothing that waits is sent. `pins` is the person, locked.
void disable_person(WriteTransaction& transaction, PinsRow& pins, const Operator& by, const char* because);
void enable_person(WriteTransaction& transaction, PinsRow& pins, bool keep_pin, const Operator& by);

}  // namespace dialin
