// Any bytes as a configuration in TOML: an InputError that names line and column in the file, or options
// whose values the command line would have taken as well, and to the same effect.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <regex>
#include <vector>

#include "fuzz/property.h"
#include "yore/base/error.h"
#include "yore/cli/config_file.h"
#include "yore/cli/option_values.h"

namespace {

using yore::fuzz::require;
using namespace yore;

/// One option of every kind there is.
struct Options {
  int number = 0;
  std::uint64_t seed = 0;
  double rate = 0;
  bool quiet = false, strict = false;
  std::string text, kind = "a";
  std::vector<int> numbers;
  std::vector<double> rates;
  std::vector<std::string> texts;
  bool operator==(const Options&) const = default;
};

std::unique_ptr<CLI::App> app_for(Options& o) {
  auto app = std::make_unique<CLI::App>("fuzz");
  app->allow_extras();
  app->set_config("--config", "");
  app->config_formatter(cli::toml_config(*app));
  app->add_option("--number", o.number)->check(CLI::PositiveNumber);
  app->add_option("--seed", o.seed);
  app->add_option("--learning-rate", o.rate);
  app->add_flag("--quiet", o.quiet);
  app->add_option("--strict", o.strict);
  app->add_option("--text", o.text);
  app->add_option("--kind", o.kind)->check(CLI::IsMember({"a", "b"}));
  app->add_option("--numbers", o.numbers);
  app->add_option("--rates", o.rates);
  app->add_option("--texts", o.texts);
  cli::check_values(*app);
  return app;
}

/// The bytes as a file that is nowhere on disk.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : fd_(::memfd_create("config", 0)) {
    require(fd_ >= 0 && ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "the input fits into memory");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

/// What the file said, given to the command line instead.
void check_said_otherwise(const CLI::App& read, const Options& options, const std::string& text) {
  Options again;
  const std::unique_ptr<CLI::App> app = app_for(again);
  std::vector<std::string> arguments;
  for (const CLI::Option* option : read.get_options()) {
    if (option->count() == 0 || option->get_name() == "--config") continue;
    const std::string name = "--" + option->get_lnames().front();
    if (cli::value_kind(*option) == cli::ValueKind::Flag) {
      arguments.push_back(name + "=" + option->results().front());
    } else if (cli::takes_list(*option)) {
      for (const std::string& value : option->results()) {
        if (value.empty() || value.front() == '-') return;  // the command line has no such list
        arguments.insert(arguments.end(), {name, value});
      }
    } else {
      const std::string value = option->results().front();
      if (value.empty()) return;
      arguments.push_back(name + "=" + value);
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  app->parse(arguments);
  require(again == options, "the command line says the same", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const MemoryFile file(text);
  Options options;
  const std::unique_ptr<CLI::App> app = app_for(options);
  try {
    app->parse(std::vector<std::string>{file.path(), "--config"});
  } catch (const base::InputError& error) {
    static const std::regex place("/proc/self/fd/[0-9]+:[0-9]+:[0-9]+");
    require(std::regex_match(error.source(), place), "errors name file, line and column", error.what());
    require(!error.message().empty(), "errors have a reason", text);
    return 0;
  }
  require(options.number >= 0 && std::isfinite(options.rate), "values are checked", text);
  require(options.kind == "a" || options.kind == "b", "values are among those offered", text);
  for (const double rate : options.rates) require(std::isfinite(rate), "numbers in lists are checked", text);
  check_said_otherwise(*app, options, text);
  return 0;
}
