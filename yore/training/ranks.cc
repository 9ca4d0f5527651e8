#include "yore/training/ranks.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "yore/base/error.h"

// The second is torch's own word of how it was built.
#if YORE_HAS_GLOO && defined(USE_C10D_GLOO)
#define YORE_RANKS 1
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace yore::training {
namespace {

using base::InputError;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int number(const char* name, int lowest, int highest) {
  const std::string text = variable(name);
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || value < lowest ||
      value > highest)
    throw InputError(name,
                     fmt::format("expected a number from {} to {} in this environment variable, found \"{}\"",
                                 lowest, highest, text));
  return value;
}

/// Refuses a host that nobody knows, for which Gloo would look again and again until its patience is at an
/// end.
void require_host(const std::string& host) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int why = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); why != 0)
    throw InputError("MASTER_ADDR",
                     fmt::format("there is no host \"{}\", as which this environment variable names that of "
                                 "rank 0 ({})",
                                 host, ::gai_strerror(why)));
  ::freeaddrinfo(found);
}

#if YORE_RANKS

/// Later releases of torch ask for libuv by default, which not every build of theirs has.
template <class StoreOptions>
void without_libuv(StoreOptions& options) {
  if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
}

class Gloo final : public Ranks {
 public:
  Gloo(int rank, int size, const std::string& host, int port, double patience) : rank_(rank), size_(size) {
    const auto wait = std::chrono::milliseconds(static_cast<std::int64_t>(patience * 1000));
    auto options = c10d::ProcessGroupGloo::Options::create(wait);
    if (const std::string interface = variable("GLOO_SOCKET_IFNAME"); !interface.empty()) try {
        options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(interface));
      } catch (const std::exception& e) {
        throw InputError(
            "GLOO_SOCKET_IFNAME",
            fmt::format("there is no network interface \"{}\", as which this environment variable "
                        "names that of the run ({})",
                        interface, first_line(e)));
      }
    // torchrun keeps the store itself, and starts ranks again after a failure, with the same store.
    const bool agent = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
    c10d::TCPStoreOptions where;
    where.port = static_cast<std::uint16_t>(port);
    where.isServer = rank == 0 && !agent;
    where.waitWorkers = false;
    without_libuv(where);
    where.timeout = wait;
    c10::intrusive_ptr<c10d::Store> store;
    try {
      store = c10::make_intrusive<c10d::TCPStore>(host, where);
    } catch (const std::exception& e) {
      throw InputError(
          rank == 0 && !agent ? "MASTER_PORT" : "MASTER_ADDR",
          rank == 0 && !agent
              ? fmt::format("rank 0 cannot listen on {}:{}; is the port in use? ({})", host, port,
                            first_line(e))
              : fmt::format("rank {} finds no rank 0 at {}:{} ({})", rank, host, port, first_line(e)));
    }
    try {
      store_ =
          c10::make_intrusive<c10d::PrefixStore>("yore/" + variable("TORCHELASTIC_RESTART_COUNT"), store);
      if (options->devices.empty())
        options->devices.push_back(host == "localhost" || host.starts_with("127.")
                                       ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                       : c10d::ProcessGroupGloo::createDefaultDevice());
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, rank, size, options);
      // Rank 0 may take long over an evaluation or a checkpoint, while the others wait for the next step.
      patience_ = std::chrono::hours(24 * 365);
    } catch (const std::exception& e) {
      throw InputError("WORLD_SIZE", fmt::format("rank {}: not all of {} ranks came within {:.0f} s ({})",
                                                 rank, size, patience, first_line(e)));
    }
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void add_up(at::Tensor x) override {
    std::vector<at::Tensor> all{std::move(x)};
    c10d::AllreduceOptions options;
    options.timeout = patience_;
    wait([&] { return group_->allreduce(all, options); });
  }
  void share(at::Tensor x) override {
    std::vector<at::Tensor> all{std::move(x)};
    c10d::BroadcastOptions options;
    options.timeout = patience_;
    wait([&] { return group_->broadcast(all, options); });
  }

 private:
  static std::string first_line(const std::exception& e) {
    const std::string text = e.what();
    return text.substr(0, text.find('\n'));
  }
  template <class Start>
  void wait(const Start& start) const {
    try {
      start()->wait();
    } catch (const std::exception& e) {
      throw PeerLost(
          fmt::format("rank {} of {}: another process of the run has ended or cannot be reached ({})", rank_,
                      size_, first_line(e)));
    }
  }

  int rank_, size_;
  std::chrono::milliseconds patience_{0};
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

#endif

}  // namespace

std::unique_ptr<Ranks> Ranks::from_environment(double patience_seconds) {
  if (variable("WORLD_SIZE").empty()) return nullptr;
  const int size = number("WORLD_SIZE", 1, 1 << 16);
  if (size == 1) return nullptr;
  const int rank = number("RANK", 0, size - 1), port = number("MASTER_PORT", 1, 65535);
  const std::string host = variable("MASTER_ADDR");
  if (host.empty())
    throw InputError("MASTER_ADDR",
                     "expected the host of rank 0 in this environment variable, found nothing");
  require_host(host);
#if YORE_RANKS
  return std::make_unique<Gloo>(rank, size, host, port, patience_seconds);
#else
  (void)rank, (void)port, (void)patience_seconds;
  throw InputError("WORLD_SIZE",
                   "this yore was built without Gloo (Debian: libgloo-dev) and trains in one process");
#endif
}

}  // namespace yore::training
