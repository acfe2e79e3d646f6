// SPDX-License-Identifier: Apache-2.0
// A list that never changes: what is the same in a hundred thousand mails is made once, and its copies share
// it. Any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace dialin {

template <class T>
class SharedList {
 public:
  SharedList() = default;
  SharedList(std::initializer_list<T> items) : SharedList(std::vector<T>(items)) {}
  explicit SharedList(std::vector<T> items)
      : items_(std::make_shared<const std::vector<T>>(std::move(items))) {}

  bool empty() const { return size() == 0; }
  std::size_t size() const { return items_ ? items_->size() : 0; }
  const T& operator[](std::size_t index) const { return (*items_)[index]; }
  const T* begin() const { return items_ ? items_->data() : nullptr; }
  const T* end() const { return begin() + size(); }

 private:
  std::shared_ptr<const std::vector<T>> items_;
};

}  // namespace dialin
