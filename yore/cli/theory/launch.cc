// yore launch: several processes that train one model together, on this machine.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "yore/base/descriptor.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/interrupt.h"
#include "yore/base/process.h"
#include "yore/cli/command.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor_program.h"

namespace yore::cli {
namespace {

/// A port of 127.0.0.1 that nobody listens on at this moment: `wanted`, or any for 0.
int free_port(int wanted) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(wanted));
  socklen_t size = sizeof(address);
  const bool found = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!found)
    throw base::InputError("--port", fmt::format("cannot have {} of 127.0.0.1 ({})",
                                                 wanted == 0 ? "a port" : "port " + std::to_string(wanted),
                                                 std::strerror(error)));
  return ntohs(address.sin_port);
}

class Launch : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("-n,--processes", processes_, "Processes, of which each takes a part of every batch")
        ->required()
        ->check(CLI::Range(1, 1024));
    app.add_option("--port", port_, "Port of 127.0.0.1 at which they meet; 0 = a free one")
        ->check(CLI::Range(0, 65535));
    app.add_option("COMMAND", command_, "What each runs, after --: train and its options")->required();
  }

  int run() override {
    if (command_.front() != "train")
      throw base::InputError("COMMAND",
                             fmt::format("expected train and its options, found \"{}\"", command_.front()));
    base::catch_interrupts();
    choose_openblas_core_aloud();  // once, not in every process
    std::vector<std::string> argv = {(base::own_folder() / "yore").string()};
    argv.insert(argv.end(), command_.begin(), command_.end());
    const int port = free_port(port_);
    std::vector<Rank> ranks;
    for (int rank = 0; rank < processes_; ++rank) {
      Log log;
      const std::filesystem::path path = rank == 0 ? std::filesystem::path() : log.path();
      ranks.push_back({base::Child(argv, path,
                                   {fmt::format("RANK={}", rank), fmt::format("LOCAL_RANK={}", rank),
                                    fmt::format("WORLD_SIZE={}", processes_), "MASTER_ADDR=127.0.0.1",
                                    fmt::format("MASTER_PORT={}", port)}),
                       std::move(log), std::nullopt});
    }
    const int code = wait(ranks);
    show_what_rank_0_did_not_say(ranks);
    return code;
  }

  std::string kept() const override {
    return "what was trained before is kept, and the same command goes on";
  }

 private:
  /// What a process writes, in a file without a name.
  class Log {
   public:
    Log() : file_(new base::Descriptor{::memfd_create("rank", MFD_CLOEXEC)}) {
      if (file_->fd < 0) base::fail_file("what a rank writes", "keep", errno);
    }
    std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", file_->fd); }
    std::string text() const { return base::read_file(path()); }

   private:
    std::unique_ptr<const base::Descriptor> file_;
  };

  /// One process. Rank 0 writes where we do; what the others write is kept, for most of it is what rank 0
  /// says.
  struct Rank {
    base::Child child;
    Log log;
    std::optional<int> code;
  };

  /// Until all have ended; the status of the first that failed, whose fellows are told to stop.
  static int wait(std::vector<Rank>& ranks) {
    using Clock = std::chrono::steady_clock;
    // What one of them refuses the others do too: each is given the time to say so.
    constexpr auto kTimeToRefuse = std::chrono::seconds(2);
    std::optional<int> failed;
    Clock::time_point failed_at;
    bool told = false;
    const auto running = [](const Rank& rank) { return !rank.code; };
    while (std::ranges::any_of(ranks, running)) {
      for (std::size_t i = 0; i < ranks.size(); ++i) {
        Rank& rank = ranks[i];
        if (rank.code) continue;
        rank.code = rank.child.poll();
        if (!rank.code || *rank.code == kOk || failed) continue;
        failed = rank.code;
        failed_at = Clock::now();
        if (*failed != kBadInput) complain(fmt::format("launch: rank {} ended with {}", i, *failed));
      }
      const bool time_to_stop = failed && (*failed != kBadInput || Clock::now() - failed_at > kTimeToRefuse);
      if (!told && (base::interrupted() || time_to_stop)) {
        for (Rank& rank : ranks) rank.child.terminate();
        told = true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return base::interrupted() ? base::interrupt_exit_code() : failed.value_or(kOk);
  }

  /// A rank that ended otherwise than rank 0 has something else to tell; ranks that tell the same are heard
  /// once.
  static void show_what_rank_0_did_not_say(const std::vector<Rank>& ranks) {
    std::vector<std::string> shown;
    for (const Rank& rank : ranks) {
      if (rank.code == ranks.front().code) continue;
      const std::string text = rank.log.text();
      if (text.empty() || std::ranges::find(shown, text) != shown.end()) continue;
      fmt::print(stderr, "{}", text);
      shown.push_back(text);
    }
  }

  int processes_ = 0, port_ = 0;
  std::vector<std::string> command_;
};

}  // namespace

std::unique_ptr<Command> make_launch() {
  return std::make_unique<Launch>();
}

}  // namespace yore::cli
