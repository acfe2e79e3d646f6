// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql_address.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dialin {
namespace {

TEST(PostgresqlAddress, ShowsServerAndDatabaseButNoPassword) {
  const PostgresqlAddress address = read_postgresql_address(
      "postgresql://dialin:it%27s%5Csecret@db.contoso.com:5433/pins?sslmode=verify-full");
  EXPECT_EQ(address.place, "PostgreSQL database pins on db.contoso.com:5433");
  EXPECT_NE(address.connection.find("password='it\\'s\\\\secret'"), std::string::npos);
  EXPECT_NE(address.connection.find("sslmode='verify-full'"), std::string::npos);
}

TEST(PostgresqlAddress, FillsInWhatIsLeftOutAndKeepsWhatIsSaid) {
  PostgresqlAddress address = read_postgresql_address("dbname=pins host=/run/postgresql");
  EXPECT_EQ(address.place, "PostgreSQL database pins on /run/postgresql:5432");
  EXPECT_NE(address.connection.find("connect_timeout='10'"), std::string::npos);
  EXPECT_NE(address.connection.find("application_name='dialin'"), std::string::npos);
  address = read_postgresql_address("postgres://h/pins?connect_timeout=3&application_name=mine");
  EXPECT_NE(address.connection.find("connect_timeout='3'"), std::string::npos);
  EXPECT_NE(address.connection.find("application_name='mine'"), std::string::npos);
}

TEST(PostgresqlAddress, ATextThatIsNoneIsNotQuoted) {
  for (const char* text : {"postgresql://u:canary@[x/", "canary", "mysql://canary@h/d", "host=x canary=1"}) {
    try {
      read_postgresql_address(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Configuration);
      EXPECT_EQ((std::string(error.what()) + error.next()).find("canary"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace dialin
