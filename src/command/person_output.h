// SPDX-License-Identifier: Apache-2.0
// How people are shown.
#pragma once

#include <string>
#include <vector>

#include "people/person.h"
#include "shell/output.h"

namespace dialin {

// Fields named and written like the columns of a people file (people/people_file.h), so that what -Output csv
// gives can be imported again.
OutputObject object_of(const Person& person);

// All those names, and those that a table has room for.
const std::vector<std::string>& person_columns();
const std::vector<std::string>& person_table_columns();

}  // namespace dialin
