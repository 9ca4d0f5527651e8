#include "yore/base/progress.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace yore::base {
namespace {

// A display into a string, with a clock the test turns.
struct Fixture {
  double now = 1000;
  std::string shown;
  Progress::Output output(bool terminal, int columns = 80) {
    Progress::Output o;
    o.write = [this](const std::string& text) { shown += text; };
    o.terminal = terminal;
    o.columns = columns;
    o.clock = [this] { return now; };
    return o;
  }
};

TEST(Progress, PlainLinesComeAtTheirInterval) {
  Fixture f;
  {
    Progress p("train", 100, 0, f.output(false));
    f.now += 1;
    p.update(10, "loss 0.5");
    f.now += 1;
    p.update(20, "loss 0.4");  // too early for a second line
    f.now += 10;
    p.update(40, "loss 0.3");
    f.now += 3;
    p.update(100);
  }
  EXPECT_EQ(f.shown,
            "train: 10%  0:09 left  loss 0.5\n"
            "train: 40%  0:18 left  loss 0.3\n"
            "train: 100%  0:15\n");
}

TEST(Heartbeat, SpeaksAfterTwoSecondsAndThenAtItsInterval) {
  Fixture f;
  Heartbeat heart(f.output(false));
  int asked = 0;
  for (const double seconds : {1.0, 0.9, 0.2, 5.0, 4.9, 0.2, 1.0}) {
    f.now += seconds;
    heart.beat([&] { return "step " + std::to_string(++asked); });
  }
  EXPECT_EQ(f.shown, "step 1  (0:02)\nstep 2  (0:12)\n");
  EXPECT_EQ(asked, 2) << "no text is made that is not shown";
}

TEST(Progress, ATerminalLineReplacesItself) {
  Fixture f;
  Progress p("train", 4, 0, f.output(true));
  p.update(0);
  f.now += 10;
  p.update(1, "x");
  f.now += 30;
  p.finish("y");
  EXPECT_EQ(f.shown,
            "\rtrain  [                        ]   0%  --:-- left\x1b[K"
            "\rtrain  [======                  ]  25%  0:30 left  x\x1b[K"
            "\rtrain  [======                  ]  25%  0:40  y\x1b[K\n");
}

TEST(Progress, WorkDoneBeforeDoesNotCountForTheRate) {
  Fixture f;
  Progress p("resume", 100, 90, f.output(false));
  f.now += 10;
  p.update(95);
  EXPECT_EQ(f.shown, "resume: 95%  0:10 left\n");
}

TEST(Progress, NeverSaysAHundredBeforeTheEnd) {
  Fixture f;
  Progress p("x", 1000, 0, f.output(false));
  p.update(999.9);
  EXPECT_EQ(f.shown, "x: 99%  --:-- left\n");
}

TEST(Progress, FitsTheTerminal) {
  for (int columns = 10; columns < 120; ++columns) {
    Fixture f;
    Progress p("ein längerer Name", 10, 0, f.output(true, columns));
    p.update(5, "a note of some length äöü äöü äöü äöü äöü äöü äöü äöü");
    std::string line = f.shown.substr(1, f.shown.find("\x1b") - 1);
    int width = 0;
    for (unsigned char c : line) width += (c & 0xC0) != 0x80;
    EXPECT_LT(width, columns);
    EXPECT_TRUE(static_cast<unsigned char>(line.back()) < 0x80 || line.ends_with("ä") ||
                line.ends_with("ö") || line.ends_with("ü"));
  }
}

TEST(Progress, SaysNothingAfterTheEnd) {
  Fixture f;
  Progress p("x", 10, 0, f.output(false));
  p.finish();
  const std::string before = f.shown;
  f.now += 100;
  p.update(5);
  p.finish();
  EXPECT_EQ(f.shown, before);
}

TEST(Progress, OddNumbersDoNoHarm) {
  Fixture f;
  EXPECT_THROW(Progress("x", 0, 0, f.output(false)), std::invalid_argument);
  Progress p("x", 10, 0, f.output(false));
  p.update(50);
  EXPECT_EQ(f.shown, "x: 100%  --:-- left\n") << "past the end is the end";
}

TEST(FormatDuration, RoundsToSeconds) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(59.4), "0:59");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(65), "1:05");
  EXPECT_EQ(format_duration(3599), "59:59");
  EXPECT_EQ(format_duration(7384), "2:03:04");
  EXPECT_EQ(format_duration(360000), "100:00:00");
  EXPECT_EQ(format_duration(-1), "--:--");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "--:--");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "--:--");
}

}  // namespace
}  // namespace yore::base
