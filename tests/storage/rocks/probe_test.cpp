#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include "tests/fixtures/storage_node.hpp"
#include "tests/fixtures/crash_file_system.hpp"
#include "tests/fixtures/temp_dir.hpp"
#include "tests/fixtures/print.hpp"
namespace fs = std::filesystem;
using namespace eventd;
TEST_CASE("probe wal flips") {
  tests::temp_dir t;
  auto fsys = std::make_shared<tests::crash_file_system>(t / "attic");
  auto n = tests::storage_node::open({t / "data", 1, true, fsys});
  REQUIRE(n);
  REQUIRE((*n)->commit(shard_id{0}, tests::open_payload(channel_id{1})));
  for (int i = 0; i < 20; ++i)
    REQUIRE((*n)->append(shard_id{0}, channel_id{1}, {"data" + std::to_string(i)}));
  fsys->power_cut(t / "data", t / "image");
  n->reset();
  for (auto& e : fs::directory_iterator(t / "image"))
    std::cerr << e.path().filename() << " " << e.file_size() << "\n";
  std::map<std::string, std::pair<int,int>> outcome; 
  for (auto& e : fs::directory_iterator(t / "image")) {
    auto name = e.path().filename().string();
    bool wal = name.ends_with(".log"), man = name.starts_with("MANIFEST");
    if (!wal && !man) continue;
    std::ifstream in(e.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    size_t step = bytes.size() * 8 / 3000 + 1;
    for (size_t bit = 0; bit < bytes.size() * 8; bit += step) {
      fs::remove_all(t / "x"); fs::copy(t / "image", t / "x");
      auto b = bytes; b[bit/8] ^= 1 << (bit%8);
      std::ofstream(fs::path(t / "x") / name, std::ios::binary) << b;
      auto m = tests::storage_node::open({t / "x", 1});
      std::string what;
      if (!m) { what = "refused: " + m.error().detail; 
        for (auto p = what.find(t.path()); p != what.npos; p = what.find(t.path())) what.replace(p, t.path().size(), "");
        for (auto& c : what) if (isdigit(c)) c = '#'; }
      else { auto all = (*m)->read_all(shard_id{0}, channel_id{1});
        what = !all ? "opened, read: " + all.error().detail : "opened with " + std::to_string(all->size()); }
      outcome[name + " " + what].first++; outcome[name + " " + what].second = bit;
    }
  }
  for (auto& [k, v] : outcome) std::cerr << v.first << "x (last bit " << v.second << ") " << k << "\n";
}
