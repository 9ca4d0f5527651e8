#include "yore/study/claim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <vector>

#include "yore/base/descriptor.h"
#include "yore/base/error.h"
#include "yore/runs/run_folder.h"

namespace yore::study {
namespace {

namespace fs = std::filesystem;
using base::InputError;
using base::Json;

// What `old_list` has that `new_list` has not.
std::string lost(const Json& old_list, const Json& new_list) {
  std::string names;
  for (const Json& item : old_list) {
    if (std::find(new_list.begin(), new_list.end(), item) != new_list.end()) continue;
    if (!names.empty()) names += ", ";
    names += item.is_string() ? item.get<std::string>() : item.dump();
  }
  return names;
}

// One line for each value that differs, by its path.
void list_differences(const Json& a, const Json& b, const std::string& path, std::vector<std::string>& out) {
  if (a == b) return;
  if (!a.is_object() || !b.is_object()) {
    out.push_back(fmt::format("{}: {} there, {} here", path, a.dump(), b.dump()));
    return;
  }
  std::set<std::string> keys;
  for (const Json* side : {&a, &b})
    for (const auto& [key, unused] : side->items()) keys.insert(key);
  for (const auto& key : keys)
    list_differences(a.contains(key) ? a[key] : Json(), b.contains(key) ? b[key] : Json(),
                     path.empty() ? key : fmt::format("{}.{}", path, key), out);
}

// Refuses the configuration that marks a folder, unless it is `mine` or grows to it; whether it is `mine`.
bool compare(const fs::path& folder, const std::string& marker, const std::string& noun, const Json& mine) {
  Json theirs = base::read_json(folder / marker);
  if (theirs == mine) return true;
  if (!theirs.is_object())
    throw InputError((folder / marker).string(), fmt::format("is not the configuration of a {}", noun));
  std::string lost_text;
  const auto grow = [&](Json& old_values, const Json& new_values, const std::string& list) {
    const Json before = old_values.value(list, Json::array()), now = new_values.value(list, Json::array());
    if (!before.is_array()) return;
    if (const std::string names = lost(before, now); !names.empty())
      lost_text += fmt::format("{}{} {}", lost_text.empty() ? "" : "; ", list, names);
    if (new_values.contains(list))
      old_values[list] = now;
    else
      old_values.erase(list);
  };
  for (const char* list : kGrowing) grow(theirs, mine, list);
  if (theirs.contains("axes") && theirs["axes"].is_object() && mine.contains("axes"))
    for (const auto& [path, values] : mine.at("axes").items())
      if (theirs["axes"].contains(path)) grow(theirs["axes"], mine.at("axes"), path);
  std::vector<std::string> different;
  list_differences(theirs, mine, "", different);
  // A list that would lose values is no advice where it is not the same study.
  if (!different.empty())
    throw InputError(folder.string(), fmt::format("holds another {}; choose another folder. Different: {}",
                                                  noun, fmt::join(different, "; ")));
  if (!lost_text.empty())
    throw InputError(
        folder.string(),
        fmt::format("holds a larger {}: {} would be lost; name them too, or choose another folder", noun,
                    lost_text));
  return false;
}

// What check_claim() says; whether the folder is marked with `mine` already.
bool is_claimed(const fs::path& folder, const std::string& marker, const std::string& noun,
                const Json& mine) {
  std::error_code error;
  if (fs::exists(folder / marker, error)) return compare(folder, marker, noun, mine);
  runs::require_free(folder, marker, noun);
  return false;
}

// Held while a folder is looked at and marked, so that of several calls at the same time one makes the marker
// and the others find it whole. It is the folder itself that is locked: nothing stays behind, and the system
// lets go of it when a process ends, however it ends.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : opened_{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
    if (opened_.fd < 0) base::fail_file(folder, "open", errno);
    while (::flock(opened_.fd, LOCK_EX) != 0)
      if (errno != EINTR) base::fail_file(folder, "lock", errno);
  }

 private:
  base::Descriptor opened_;
};

}  // namespace

void check_claim(const fs::path& folder, const std::string& marker, const std::string& noun,
                 const Json& mine) {
  is_claimed(folder, marker, noun, mine);
}

void claim(const fs::path& folder, const std::string& marker, const std::string& noun, const Json& mine) {
  check_claim(folder, marker, noun, mine);  // before a folder is made
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) base::fail_file(folder, "create", error.value());
  const FolderLock lock(folder);
  if (is_claimed(folder, marker, noun, mine)) return;
  base::write_file(folder / marker, mine.dump(2) + "\n");
}

}  // namespace yore::study
