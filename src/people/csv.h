// SPDX-License-Identifier: Apache-2.0
// Reads CSV as RFC 4180 defines it and as Excel and PowerShell's Export-Csv write it.
//
// Accepted: UTF-8 with or without a byte order mark, UTF-16 with one, another encoding that is named; lines
// that end in CRLF, LF or CR; quoted fields with line ends in them; a separator of comma, semicolon or tab,
// found from the header, or another one that is named; before the header a line `sep=;` (it names the
// separator) and
// `#TYPE ...` lines. Empty lines are skipped.
//
// It is read once, in pieces: memory depends on the limits below, not on the file. A record that cannot be
// accepted is handed out with the reason, and reading goes on after it, so that all problems of a file can be
// shown at once. What is read and not yet handed out lies in wiped memory (base/secret.h). One thread at a
// time.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "people/text_decoder.h"

namespace dialin {

struct CsvProblem {
  std::size_t line = 0;  // in the file, from 1
  std::string column;    // as the header names it; empty if it concerns the whole record
  std::string reason;
};

struct CsvRecord {
  std::size_t line = 0;  // where it begins, from 1
  // One for each column of the header, in its order, unless `problem` is set.
  std::vector<std::string> fields;
  std::optional<Secret>
      secret;  // of the column that keep_secret() named, whose field is empty; none: it was empty
  std::optional<CsvProblem> problem;
};

// A cell as it is meant: without spaces at its ends, and without the apostrophe that our own reports write
// before = + - @ against spreadsheets that would run the cell.
std::string_view clean_cell(std::string_view cell);

struct CsvFormat {
  std::string encoding;   // where no byte order mark says it; of iconv, empty: UTF-8
  char separator = '\0';  // '\0': found from the header
};

class CsvReader {
 public:
  static constexpr std::size_t kLongestField = 1 << 20;   // octets
  static constexpr std::size_t kLongestRecord = 4 << 20;  // octets
  static constexpr std::size_t kMostColumns = 1000;
  static constexpr std::size_t kLongestSecret = 256;  // octets

  // Writes at most `size` octets to `buffer` and returns how many; 0 at the end of the file. What it throws
  // passes through.
  using Read = TextDecoder::Read;

  // Reads the header. `name` is the file's name in messages. Throws Error(InvalidInput) if there is no
  // header, it has a problem, two columns have the same name, or the encoding is not known.
  CsvReader(Read read, std::string name, const CsvFormat& format = {});
  ~CsvReader();
  CsvReader(CsvReader&&) noexcept;

  const std::string& name() const;
  // The columns' names without spaces at their ends; "" for a column without a name.
  const std::vector<std::string>& header() const;
  char separator() const;

  // From now on the cells of this column are handed out as CsvRecord::secret, go through no other memory, and
  // stand in no problem.
  void keep_secret(std::size_t column);

  // SHA-256 in hexadecimal of the octets read so far: after the last record, of the whole file.
  std::string digest() const;

  // The next record; nothing at the end of the file.
  std::optional<CsvRecord> next();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// Reads from `stream`, which must live as long; throws Error(Unavailable) that names `name` if it fails.
CsvReader::Read read_from(std::istream& stream, std::string name);

}  // namespace dialin
