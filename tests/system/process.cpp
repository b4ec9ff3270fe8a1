// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/process.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace eventd::tests {

namespace {

using clock = std::chrono::steady_clock;

/// Between two looks at a condition that nobody can announce.
constexpr std::chrono::milliseconds look_interval{2};

struct pipe_ends {
  int read = -1;
  int write = -1;

  pipe_ends() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    read = fds[0];
    write = fds[1];
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& x : texts)
    out.push_back(x.data());
  out.push_back(nullptr);
  return out;
}

/// Settings of the tests themselves: eventd refuses what it does not know.
bool is_own_setting(const std::string& name) {
  return name == "EVENTD_BIN_DIR" || name == "EVENTD_WITHOUT_ROOT"
         || name == "EVENTD_HISTORY_DIR" || name == "EVENTD_TRIALS_FILE";
}

std::vector<std::string> merged(const std::vector<std::string>& added) {
  std::vector<std::string> out;
  auto name_of = [](const std::string& x) { return x.substr(0, x.find('=')); };
  for (char** x = ::environ; *x != nullptr; ++x) {
    bool replaced = is_own_setting(name_of(*x));
    for (auto& y : added)
      replaced = replaced || name_of(*x) == name_of(y);
    if (!replaced)
      out.emplace_back(*x);
  }
  out.insert(out.end(), added.begin(), added.end());
  return out;
}

uint64_t status_kib(pid_t pid, const std::string& field) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field + ":"))
      return std::strtoull(line.c_str() + field.size() + 1, nullptr, 10);
  return 0;
}

} // namespace

bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit) {
  auto end = clock::now() + limit;
  while (!condition()) {
    if (clock::now() >= end)
      return condition();
    std::this_thread::sleep_for(look_interval);
  }
  return true;
}

std::string program_path(const std::string& name) {
  const char* folder = std::getenv("EVENTD_BIN_DIR");
  return std::string{folder ? folder : EVENTD_BIN_DIR} + "/" + name;
}

uint16_t free_port(uint32_t address_number) {
  static std::mt19937 random{std::random_device{}()};
  for (;;) {
    auto port = static_cast<uint16_t>(20'000 + random() % 12'000);
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + address_number - 1);
    address.sin_port = htons(port);
    auto free
      = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free)
      return port;
  }
}

// -- process ------------------------------------------------------------------

struct process::state {
  pid_t pid = -1;
  std::optional<int> code;
  mutable std::mutex lock;
  std::string text[2]; ///< stdout and stderr.
  std::atomic<int> streams_open = 2;
  std::vector<std::thread> threads;

  void collect(int fd, int which) {
    char buffer[4'096];
    for (;;) {
      auto n = ::read(fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      std::lock_guard hold{lock};
      text[which].append(buffer, static_cast<size_t>(n));
    }
    ::close(fd);
    --streams_open;
  }

  static void feed(int fd, const std::string& input) {
    std::string_view rest = input;
    while (!rest.empty()) {
      auto n = ::write(fd, rest.data(), rest.size());
      if (n <= 0)
        break;
      rest.remove_prefix(static_cast<size_t>(n));
    }
    ::close(fd);
  }

  bool reap(int flags) {
    if (code)
      return true;
    int status = 0;
    if (::waitpid(pid, &status, flags) != pid)
      return false;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  ~state() {
    if (pid > 0 && !code) {
      ::kill(pid, SIGKILL);
      reap(0);
    }
    for (auto& x : threads)
      x.join();
  }
};

process::process(const std::string& program,
                 const std::vector<std::string>& args, const std::string& input,
                 const std::vector<std::string>& environment)
  : state_(std::make_unique<state>()) {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> words{
    program.find('/') == std::string::npos ? program_path(program) : program};
  words.insert(words.end(), args.begin(), args.end());
  auto settings = merged(environment);
  auto argv = pointers(words);
  auto envp = pointers(settings);
  pipe_ends in, out, err;
  auto parent = ::getpid();
  state_->pid = ::fork();
  REQUIRE(state_->pid >= 0);
  if (state_->pid == 0) {
    // Only what is safe between fork and exec of a program with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
      ::_exit(126);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(in.read, STDIN_FILENO);
    ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  auto* x = state_.get();
  x->threads.emplace_back([x, fd = out.read] { x->collect(fd, 0); });
  x->threads.emplace_back([x, fd = err.read] { x->collect(fd, 1); });
  x->threads.emplace_back([fd = in.write, input] { state::feed(fd, input); });
}

process::process(process&&) noexcept = default;
process& process::operator=(process&&) noexcept = default;
process::~process() = default;

void process::signal(int number) {
  if (!state_->reap(WNOHANG))
    ::kill(state_->pid, number);
}

void process::kill() {
  signal(SIGKILL);
  state_->reap(0);
}

std::optional<int> process::wait(std::chrono::milliseconds limit) {
  if (!eventually([&] { return state_->reap(WNOHANG); }, limit))
    return std::nullopt;
  // Its last words are read before anyone asks for them.
  eventually([&] { return state_->streams_open == 0; }, limit);
  return state_->code;
}

std::string process::out() const {
  std::lock_guard hold{state_->lock};
  return state_->text[0];
}

std::string process::err() const {
  std::lock_guard hold{state_->lock};
  return state_->text[1];
}

std::optional<std::string>
process::wait_for_line(const std::string& begin,
                       std::chrono::milliseconds limit) {
  std::optional<std::string> found;
  eventually(
    [&] {
      auto ended = state_->streams_open == 0;
      auto text = "\n" + out();
      if (auto at = text.find("\n" + begin); at != std::string::npos)
        if (auto end = text.find('\n', at + 1); end != std::string::npos) {
          auto first = at + 1 + begin.size();
          found = text.substr(first, end - first);
        }
      return ended || found.has_value();
    },
    limit);
  return found;
}

uint64_t process::resident_bytes() const {
  return status_kib(state_->pid, "VmRSS") * 1'024;
}

uint64_t process::resident_bytes_max() const {
  return status_kib(state_->pid, "VmHWM") * 1'024;
}

size_t process::files_open() const {
  std::filesystem::directory_iterator all{"/proc/" + std::to_string(state_->pid)
                                          + "/fd"};
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

size_t process::connections_at(uint16_t port) const {
  std::ifstream table{"/proc/" + std::to_string(state_->pid) + "/net/tcp"};
  size_t n = 0;
  std::string line;
  std::getline(table, line); // The heading.
  while (std::getline(table, line)) {
    std::istringstream in{line};
    std::string number, local, remote, state, queues, timer, retries, user,
      timeout, inode;
    in >> number >> local >> remote >> state >> queues >> timer >> retries
      >> user >> timeout >> inode;
    auto at = local.find(':') + 1;
    // What has no inode belongs to no process any more.
    if (std::stoul(local.substr(at), nullptr, 16) == port && state != "0A"
        && inode != "0")
      ++n;
  }
  return n;
}

size_t lines_with(const std::string& text,
                  const std::vector<std::string>& parts) {
  size_t n = 0;
  for (std::string_view rest = text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    n += std::all_of(parts.begin(), parts.end(),
                     [&](auto& part) { return line.find(part) != line.npos; });
  }
  return n;
}

finished run(const std::string& program, const std::vector<std::string>& args,
             const std::string& input,
             const std::vector<std::string>& environment,
             std::chrono::milliseconds limit) {
  process x{program, args, input, environment};
  auto code = x.wait(limit);
  return {code.value_or(-1), x.out(), x.err()};
}

} // namespace eventd::tests
