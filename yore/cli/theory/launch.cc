// yore launch: several processes that train one model together, on this machine.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "yore/base/error.h"
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
    std::vector<base::Child> children;
    for (int rank = 0; rank < processes_; ++rank)
      children.emplace_back(
          argv, "",
          std::vector<std::string>{fmt::format("RANK={}", rank), fmt::format("LOCAL_RANK={}", rank),
                                   fmt::format("WORLD_SIZE={}", processes_), "MASTER_ADDR=127.0.0.1",
                                   fmt::format("MASTER_PORT={}", port)});
    return wait(children);
  }

  std::string kept() const override {
    return "what was trained before is kept, and the same command goes on";
  }

 private:
  /// Until all have ended; the status of the first that failed, whose fellows are told to stop.
  static int wait(std::vector<base::Child>& children) {
    int failed = kOk;
    bool told = false;
    std::vector<char> ended(children.size(), 0);
    for (std::size_t left = children.size(); left > 0;) {
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (ended[i] != 0) continue;
        const std::optional<int> code = children[i].poll();
        if (!code) continue;
        ended[i] = 1;
        --left;
        if (*code != kOk && failed == kOk) {
          failed = *code;
          complain(fmt::format("launch: rank {} ended with {}", i, *code));
        }
      }
      if (!told && left > 0 && (base::interrupted() || failed != kOk)) {
        for (base::Child& child : children) child.terminate();
        told = true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return base::interrupted() ? base::interrupt_exit_code() : failed;
  }

  int processes_ = 0, port_ = 0;
  std::vector<std::string> command_;
};

}  // namespace

std::unique_ptr<Command> make_launch() {
  return std::make_unique<Launch>();
}

}  // namespace yore::cli
