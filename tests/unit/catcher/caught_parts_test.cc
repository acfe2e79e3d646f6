// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/caught_parts.h"

#include <gtest/gtest.h>

namespace dialin {
namespace {

TEST(CaughtParts, DecodesSubjectAndBothBodies) {
  const CaughtParts parts = parse_caught_parts(
      "Subject: =?UTF-8?Q?Bienvenue_dans_les_conf=C3=A9rences?=\r\n =?UTF-8?B?IHJlbmRlei12b3Vz?=\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative; boundary=b\r\n"
      "\r\n"
      "--b\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "Votre num=C3=A9ro =\r\nd'entr=C3=A9e\r\n"
      "--b\r\n"
      "Content-Type: text/html; charset=iso-8859-1\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n"
      "PHA+6TwvcD4=\r\n"
      "--b--\r\n");
  EXPECT_EQ(parts.subject, "Bienvenue dans les conférences rendez-vous");
  EXPECT_EQ(parts.text, "Votre numéro d'entrée");
  EXPECT_EQ(parts.html, "<p>é</p>");
}

TEST(CaughtParts, TakesAMailOfOnePart) {
  const CaughtParts parts = parse_caught_parts("Subject: plain\r\n\r\nhello\r\n");
  EXPECT_EQ(parts.subject, "plain");
  EXPECT_EQ(parts.text, "hello\n");
  EXPECT_FALSE(parts.html);
}

TEST(CaughtParts, LeavesAttachmentsOut) {
  const CaughtParts parts = parse_caught_parts(
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=x.html\r\n\r\nattached\r\n"
      "--b\r\nContent-Type: text/html\r\n\r\nshown\r\n--b--\r\n");
  EXPECT_EQ(parts.html, "shown");
}

TEST(CaughtParts, IsNotUpsetByOddMails) {
  for (const char* message :
       {"", "\r\n", "no header at all", "Subject: =?UTF-8?B?!!!!?=\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
        "boundary=b\r\n\r\n",
        "Content-Type: text/html; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n\xff\xfe=="}) {
    EXPECT_NO_THROW(parse_caught_parts(message)) << message;
  }
  EXPECT_EQ(
      parse_caught_parts("Subject: =?UTF-8?Q?a=0D=0Ab=1B[31m?=\r\n\r\n").subject.find_first_of("\r\n\x1b"),
      std::string::npos);
}

}  // namespace
}  // namespace dialin
