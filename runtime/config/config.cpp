// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/config.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/version.hpp>
#include <boost/version.hpp>
#include <caf/config.hpp>
#include <openssl/crypto.h>
#include <rocksdb/version.h>
#include <yaml-cpp/yaml.h>

#include "storage/model/limits.hpp"
#include "storage/raft/shim.h"

namespace eventd::runtime {

namespace {

failure bad(std::string text, std::string field = {}) {
  return {ec::invalid_config, std::move(text), std::move(field)};
}

void add_options(CLI::App& app, config& x) {
  app.add_option("--listen", x.listen, "HOST:PORT of the HTTP gateway")
    ->envname("EVENTD_LISTEN")
    ->capture_default_str();
  app.add_option("--data-dir", x.data_dir, "Where the log is kept")
    ->envname("EVENTD_DATA_DIR")
    ->capture_default_str();
  app
    .add_option("--log-level", x.log_level,
                "trace, debug, info, warn, error, off")
    ->envname("EVENTD_LOG_LEVEL")
    ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
    ->capture_default_str();
  app.add_option("--log-format", x.log_format, "text or json, on stderr")
    ->envname("EVENTD_LOG_FORMAT")
    ->check(CLI::IsMember({"text", "json"}))
    ->capture_default_str();
  app
    .add_flag("--insecure", x.insecure,
              "Allow an address beyond loopback, without authentication")
    ->envname("EVENTD_INSECURE");
  app
    .add_option("--shards", x.shards,
                "Raft groups of a new data directory; fixed from then on")
    ->envname("EVENTD_SHARDS")
    ->check(CLI::Range(1u, limits::shards_max))
    ->default_str(std::to_string(limits::shards_default));
  app.add_option("--io-threads", x.io_threads, "Threads of the HTTP gateway")
    ->envname("EVENTD_IO_THREADS")
    ->check(CLI::Range(1u, 64u))
    ->capture_default_str();
}

/// Takes the file's values for all that neither flag nor environment set.
result<void> read_file(CLI::App& app, const std::string& path) {
  try {
    auto root = YAML::LoadFile(path);
    if (root.IsNull())
      return {};
    if (!root.IsMap())
      return bad(path + ": must be a mapping of option names to values", path);
    for (const auto& entry : root) {
      auto key = entry.first.as<std::string>();
      auto mark = entry.first.Mark();
      auto where = path + ":" + std::to_string(mark.line + 1) + ":"
                   + std::to_string(mark.column + 1);
      auto* option = key == "config" || key == "help" || key == "version"
                       ? nullptr
                       : app.get_option_no_throw("--" + key);
      if (option == nullptr)
        return bad(where + ": unknown option '" + key + "'", key);
      if (!entry.second.IsScalar())
        return bad(where + ": '" + key + "' must be a single value", key);
      if (option->count() > 0)
        continue;
      try {
        option->add_result(entry.second.as<std::string>());
        option->run_callback();
      } catch (const CLI::Error& e) {
        return bad(where + ": " + e.what(), key);
      }
    }
  } catch (const YAML::BadFile&) {
    return bad("--config: can not read " + path, "config");
  } catch (const YAML::Exception& e) {
    return bad(path + ":" + std::to_string(e.mark.line + 1) + ":"
                 + std::to_string(e.mark.column + 1) + ": " + e.msg,
               path);
  }
  return {};
}

/// Splits "HOST:PORT", "[IPv6]:PORT", and decides whether it is allowed.
result<void> check_listen(config& x) {
  auto colon = x.listen.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return bad("--listen: '" + x.listen + "' is not HOST:PORT", "listen");
  x.host = x.listen.substr(0, colon);
  if (x.host.front() == '[' && x.host.back() == ']')
    x.host = x.host.substr(1, x.host.size() - 2);
  auto digits = x.listen.substr(colon + 1);
  auto [end, error]
    = std::from_chars(digits.data(), digits.data() + digits.size(), x.port);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return bad("--listen: '" + digits + "' is not a port (0 to 65535)",
               "listen");
  if (x.host == "localhost")
    x.host = "127.0.0.1";
  boost::system::error_code code;
  auto address = boost::asio::ip::make_address(x.host, code);
  if (code)
    return bad("--listen: '" + x.host + "' is not an IP address", "listen");
  if (!address.is_loopback() && !x.insecure)
    return bad("--listen: " + x.host
                 + " is not a loopback address; eventd has no authentication "
                   "yet, so this needs --insecure",
               "listen");
  return {};
}

/// Whether a variable of our prefix is for somebody else, or from somebody
/// else: Kubernetes tells every pod where the Service "eventd" is.
bool is_for_others(std::string_view name) {
  if (name == "EVENTD_SERVER" || name.starts_with("EVENTD_LOG_")
      || name == "EVENTD_BIN_DIR" || name == "EVENTD_WITHOUT_ROOT")
    return true;
  constexpr std::string_view port = "_PORT";
  auto at = name.rfind(port);
  auto tail = name.substr(std::min(at, name.size()));
  auto numbered = tail.size() > port.size() + 1 && tail[port.size()] == '_'
                  && tail[port.size() + 1] >= '0'
                  && tail[port.size() + 1] <= '9';
  return name.ends_with("_SERVICE_HOST")
         || name.find("_SERVICE_PORT") != name.npos || tail == port || numbered;
}

/// A variable that is misspelt would else be silently without effect.
result<void> check_environment(const CLI::App& app) {
  std::vector<std::string> known;
  for (const auto* option : app.get_options())
    if (!option->get_envname().empty())
      known.push_back(option->get_envname());
  std::sort(known.begin(), known.end());
  for (auto each = environ; each != nullptr && *each != nullptr; ++each) {
    std::string_view name{*each};
    name = name.substr(0, name.find('='));
    if (!name.starts_with("EVENTD_") || is_for_others(name)
        || std::binary_search(known.begin(), known.end(), name))
      continue;
    auto text = std::string{name} + ": unknown variable; known are";
    for (const auto& x : known)
      text += (x == known.front() ? " " : ", ") + x;
    return bad(text, std::string{name});
  }
  return {};
}

} // namespace

result<command_line> parse_command_line(int argc, const char* const* argv) {
  command_line x;
  CLI::App app{"eventd: an event bus with a persistent log", "eventd"};
  std::string file;
  bool version = false;
  app.add_option("--config", file, "YAML file of these options")
    ->envname("EVENTD_CONFIG");
  add_options(app, x.settings);
  add_gateway_options(app, x.settings.bounds);
  cluster_flags cluster;
  add_cluster_options(app, cluster);
  app.add_flag("--version", version, "Print versions and end");
  app.footer("Every option is also an environment variable, EVENTD_DATA_DIR "
             "for --data-dir,\nand a key of the YAML file, data-dir. A flag "
             "beats the environment, which beats\nthe file.");
  try {
    app.parse(argc, const_cast<char**>(argv));
  } catch (const CLI::CallForHelp&) {
    x.print = app.help();
    return x;
  } catch (const CLI::ParseError& e) {
    return bad(e.what());
  }
  if (version) {
    x.print = version_text();
    return x;
  }
  if (auto done = check_environment(app); !done)
    return done.error();
  if (!file.empty())
    if (auto done = read_file(app, file); !done)
      return done.error();
  if (auto done = check_listen(x.settings); !done)
    return done.error();
  auto checked = check_cluster(cluster);
  if (!checked)
    return checked.error();
  x.settings.cluster = std::move(*checked);
  return x;
}

namespace {

std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100'000) + "."
         + std::to_string(BOOST_VERSION / 100 % 1'000);
}

std::string caf_version() {
  return std::to_string(CAF_VERSION / 10'000) + "."
         + std::to_string(CAF_VERSION / 100 % 100) + "."
         + std::to_string(CAF_VERSION % 100);
}

std::string rocksdb_version() {
  return std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR)
         + "." + std::to_string(ROCKSDB_PATCH);
}

} // namespace

std::string version_text() {
  std::ostringstream out;
  out << "eventd " << EVENTD_VERSION << "\nBoost.Beast " << BOOST_BEAST_VERSION
      << " (Boost " << boost_version() << ")\nRocksDB " << rocksdb_version()
      << "\nCAF " << caf_version() << "\nlibraft " << shim_version()
      << "\nOpenSSL " << OpenSSL_version(OPENSSL_VERSION) << "\n";
  return out.str();
}

std::string version_json() {
  std::ostringstream out;
  out << R"({"eventd":")" << EVENTD_VERSION << R"(","beast":")"
      << BOOST_BEAST_VERSION << R"(","boost":")" << boost_version()
      << R"(","rocksdb":")" << rocksdb_version() << R"(","caf":")"
      << caf_version() << R"(","libraft":")" << shim_version()
      << R"(","openssl":")" << OpenSSL_version(OPENSSL_VERSION) << R"("})";
  return out.str();
}

} // namespace eventd::runtime
