// What a command prints or writes, and whether it arrived.
#pragma once
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

namespace yore::cli {

/// Prints `text` to standard output, or makes it the content of `file` if one is named (base::write_file; no
/// folder is created).
void emit(const std::string& text, const std::string& file);

/// As emit(), for commands that say no more about the file: "written to FILE" on standard output, or on
/// standard error unless stands_beside_output().
void deliver(const std::string& text, const std::string& file);

/// Whether it is a regular file and not what standard output goes to, as /dev/stdout may be: what is said
/// about it on standard output does not become part of it.
bool stands_beside_output(const std::filesystem::path& file);

/// Where what a command says beside what it wrote to `file` goes: standard output if no file is named, or if
/// stands_beside_output(); else standard error. Ask when the file is written.
std::FILE* report_stream(const std::string& file);

/// The form that `to` names, or, where it names none, `form`; but "text" if that would be printed to a
/// terminal.
std::string form_to_print(const std::string& to, const std::string& file, const std::string& form);

/// Refuses a file of an -o option that exists, unless `force`, one that cannot be written (a folder that does
/// not exist or takes no files), and a `force` without a file. What is no regular file, such as a device or a
/// pipe, is written into and needs no force, nor does what standard output goes to. Throws InputError.
void check_output(const std::string& file, bool force);

/// Throws InputError unless a folder can be written there: a file, the folder of a run, or, without `force`,
/// anything but an empty folder stands there. `what`: "the model in it".
void check_folder(const std::filesystem::path& folder, bool force, const std::string& what);

/// Calls `write` to write into a folder: into one beside it, which then is renamed, so that the folder is
/// there whole or not at all; or, if the folder is there, into it. Throws as check_folder() also where
/// another process has made the folder since.
void write_folder(const std::filesystem::path& folder, bool force, const std::string& what,
                  const std::function<void(const std::filesystem::path&)>& write);

/// Call first: opens what this process was started without of standard input, output and error, so that no
/// file opened later takes their place. Writing to a standard output opened like that fails.
void open_standard_files();

/// Brings what was printed to whoever reads along. Throws std::system_error if it is lost; run_program() ends
/// with lost_output() then.
void flush_output();

/// Call last: the exit code if everything printed reached standard output, else that of lost_output.
int finish_output(int exit_code);

/// What was printed is lost, with this error of the system. Says so and returns kBadInput; where the reader
/// of a pipe went away returns 128 + SIGPIPE in silence, as that signal would have it.
int lost_output(int why);

/// Prints "yore: ", in colour to a terminal, and the message (base::visible) to standard error. Never throws.
void complain(const std::string& message);

}  // namespace yore::cli
