// SPDX-License-Identifier: Apache-2.0
#include "people/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

using testing::HasSubstr;
using testing::Not;

class FakeDirectory final : public Directory {
 public:
  std::vector<DirectoryMatch> find(const UserIdentifier&, std::size_t limit) override {
    if (unavailable) throw Error(ErrorCode::Unavailable, "the directory does not answer");
    return {matches.begin(), matches.begin() + static_cast<std::ptrdiff_t>(std::min(limit, matches.size()))};
  }
  void add(const std::string& sip, const std::string& name, const std::string& attribute) {
    Person person{.id = sip, .sip_address = *SipAddress::parse(sip), .display_name = name};
    matches.push_back({std::move(person), attribute});
  }
  std::vector<DirectoryMatch> matches;
  bool unavailable = false;
};

Error error_of(Directory& directory, const std::string& text) {
  try {
    resolve_person(directory, *UserIdentifier::parse(text));
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::Internal, "nothing was thrown");
}

TEST(ResolvePerson, OneMatchIsThePerson) {
  FakeDirectory directory;
  directory.add("bob@contoso.com", "Bob Kelly", "Mail");
  EXPECT_EQ(resolve_person(directory, *UserIdentifier::parse("bob@contoso.com")).id, "bob@contoso.com");
}

TEST(ResolvePerson, NobodyIsNotFoundWithTheLineThatAddsThem) {
  FakeDirectory directory;
  const Error error = error_of(directory, "bob@contoso.com");
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_THAT(error.what(), HasSubstr("bob@contoso.com"));
  EXPECT_THAT(error.next(), HasSubstr("dialin people add bob@contoso.com"));
  EXPECT_THAT(error_of(directory, "* Kelly").what(), HasSubstr("display name"));
  EXPECT_THAT(error_of(directory, "CN=Bob,DC=contoso").next(), HasSubstr("LDAP"));
}

TEST(ResolvePerson, TheLineToPasteHasNothingThatAShellObeys) {
  FakeDirectory directory;
  EXPECT_THAT(error_of(directory, "sip:bob$(id)@contoso.com").next(), Not(HasSubstr("$")));
}

TEST(ResolvePerson, SeveralAreListedWithWhatMatched) {
  FakeDirectory directory;
  directory.add("bob@contoso.com", "Bob Kelly", "SipAddress");
  directory.add("robert@contoso.com", "Robert", "Mail");
  directory.matches.back().person.enabled = false;
  const Error error = error_of(directory, "bob@contoso.com");
  EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
  EXPECT_THAT(error.what(), HasSubstr("2 people"));
  EXPECT_THAT(error.what(), HasSubstr("sip:bob@contoso.com  \"Bob Kelly\"  by SipAddress"));
  EXPECT_THAT(error.what(), HasSubstr("sip:robert@contoso.com  \"Robert\"  by Mail, disabled"));
}

TEST(ResolvePerson, TenAtMostAreListed) {
  FakeDirectory directory;
  for (int i = 0; i < 30; ++i)
    directory.add("bob" + std::to_string(i) + "@contoso.com", "Bob", "DisplayName");
  const Error error = error_of(directory, "B*");
  EXPECT_THAT(error.what(), HasSubstr("more than 10"));
  EXPECT_THAT(error.what(), HasSubstr("bob9@"));
  EXPECT_THAT(error.what(), Not(HasSubstr("bob10@")));
}

TEST(ResolvePerson, ADirectoryThatIsDownIsNotNobody) {
  FakeDirectory directory;
  directory.unavailable = true;
  EXPECT_EQ(error_of(directory, "bob@contoso.com").code(), ErrorCode::Unavailable);
}

TEST(Person, IsCalledByDisplayNameOrAddress) {
  Person person{.sip_address = *SipAddress::parse("bob@contoso.com")};
  EXPECT_EQ(name_of(person), "bob@contoso.com");
  person.display_name = "Bob Kelly";
  EXPECT_EQ(name_of(person), "Bob Kelly");
}

}  // namespace
}  // namespace dialin
