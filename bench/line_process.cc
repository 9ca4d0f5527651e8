#include "bench/line_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "yore/base/error.h"

namespace yore::bench {

LineProcess::LineProcess(const std::vector<std::string>& argv) : name_(argv.at(0)) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
    throw base::InputError(name_, std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& a : argv) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  const int fault = posix_spawnp(&pid_, argv[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
  if (fault != 0) {
    pid_ = -1;
    std::fclose(to_);
    std::fclose(from_);
    throw base::InputError(name_, std::strerror(fault));
  }
  std::signal(SIGPIPE, SIG_IGN);  // a peer that ended is an error that ask() tells
}

LineProcess::~LineProcess() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(pid_, nullptr, 0);
}

base::Json LineProcess::ask(const base::Json& question) {
  const std::string line = question.dump() + "\n";
  std::fputs(line.c_str(), to_);
  std::fflush(to_);
  char* text = nullptr;
  std::size_t room = 0;
  const ssize_t length = getline(&text, &room, from_);
  const std::string answer(text != nullptr && length > 0 ? text : "");
  std::free(text);
  if (answer.empty()) throw base::InputError(name_, "ended before it answered");
  base::Json json = base::parse_json(answer, name_);
  if (json.contains("error")) throw base::InputError(name_, json["error"].get<std::string>());
  return json;
}

void LineProcess::wait_for_output() {
  if (std::getc(from_) == EOF) throw base::InputError(name_, "ended before it wrote anything");
}

}  // namespace yore::bench
