// SPDX-License-Identifier: Apache-2.0
// Asio's coroutine type, declared without Asio: a .cc file that awaits one includes
// <boost/asio/awaitable.hpp>.
//
// A trap of g++ 12: `co_return co_await something();` and `if (co_await something() && ...) co_return;` may
// resume a frame at a place that was never written. The awaited value gets a name first.
#pragma once

namespace boost::asio {
class any_io_executor;
class io_context;
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio

namespace dialin::smtp {

template <typename T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace dialin::smtp
