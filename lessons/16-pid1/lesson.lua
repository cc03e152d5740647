-- Lesson 16: process 1. Signals that it did not ask for never reach it, it is the
-- only one that `stop` speaks to, and it has to bury every orphan.
--
-- Who sent what, and whether `stop` had to kill, is in c:ending(): 137 alone does not
-- tell. Times are the learner's to look at; a check only asks what ended it.

lesson{ format = 1, id = "pid1", needs = { "life", "dockerfile" }, minutes = 18, points = 10 }

local function has_text(list, text)
  for _, item in ipairs(list) do
    if item:find(text, 1, true) then return true end
  end
  return false
end

-- What is wrong with a container that should have been ended by `stop`, whatever
-- it was to answer; true: nothing of this.
local function was_stopped(one, ending, c)
  if one:could_not_start() then
    c:fail("could_not_start", { name = one.name, program = one.args[1] or "" })
  elseif one.status == "created" then
    c:not_yet("start " .. one.name)
  elseif one.running then
    c:fail("still_running", { name = one.name })
  elseif not ending or not ending.by then
    c:fail("ended_itself", { name = one.name })
  elseif ending.by == "kill" then
    c:fail("used_kill", { name = one.name })
  else
    return true
  end
end

-- ---------------------------------------------------------------------------
step{ id = "deaf", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "killed", points = 2, after = "guess",
      check = function(w, c)
        local all = w:containers()
        for _, one in ipairs(all) do
          local ending = not one.running and one:ending()
          if ending and ending.by == "grace" then return end
        end
        local last = all[1]
        if not last then
          return c:fail(w:ran_with("--rm") and "used_rm" or "none")
        end
        if was_stopped(last, last:ending(), c) then
          c:fail("it_heard", { name = last.name })
        end
      end },
    answer{ id = "inside", after = "killed", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name deaf busybox sleep 600")
      w:type("stop -t 1 deaf")
      w:type("why deaf")
      w:type("run -d --name fort busybox sleep 600")
      w:type("exec fort kill -9 1")
      w:type("exec fort ps")
      w:type("answer 3")
    end,
    function(w) -- another program, another name
      w:type("answer 2")
      w:type("docker run -d --name log busybox tail -f /dev/null")
      w:type("docker container stop --time 0 log")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "not stopped yet",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name deaf busybox sleep 600")
      end,
      expect = { goal = "killed", message = "still_running" } },
    { name = "it ends before anybody stops it",
      run = function(w)
        w:type("answer 2")
        w:type("run --name deaf busybox sleep 0")
      end,
      expect = { goal = "killed", message = "ended_itself" } },
    { name = "kill in place of stop",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name deaf busybox sleep 600")
        w:type("kill deaf")
        w:type("wait deaf")
      end,
      expect = { goal = "killed", message = "used_kill" } },
    { name = "with --init it hears",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --init --name deaf busybox sleep 600")
        w:type("exec deaf ps", "sleep")
        w:type("stop deaf")
      end,
      expect = { goal = "killed", message = "it_heard" } },
    { name = "removed when it was stopped",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --rm --name deaf busybox sleep 600")
        w:type("stop -t 0 deaf")
      end,
      expect = { goal = "killed", message = "used_rm" } },
    { name = "no such program",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name deaf busybox sleeep 600")
      end,
      expect = { goal = "killed", message = "could_not_start" } },
    { name = "believed that -9 always works",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name deaf busybox sleep 600")
        w:type("stop -t 0 deaf")
        w:type("answer 1")
      end,
      expect = { goal = "inside", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The learner's containers that have the shop in them, newest first.
local function shops(w)
  local found = {}
  for _, one in ipairs(w:containers()) do
    if one:stat("/shop/shop.sh") then found[#found + 1] = one end
  end
  return found
end

local function no_shop(w, c)
  local last = w:containers()[1]
  if last and last.status == "created" and (last.args[1] or ""):find("^%-") then
    return c:fail("option_behind", { name = last.name, option = last.args[1] })
  end
  if w:ran_with("--rm") then return c:fail("used_rm") end
  c:fail(#w:images() > 1 and "not_run" or "not_built")
end

step{ id = "init", points = 2,
  setup = function(w) w:copy("files/shop", "shop") end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "quick", after = "guess",
      check = function(w, c)
        local all = shops(w)
        for _, one in ipairs(all) do
          local ending = one.init and not one.running and one:ending()
          if ending and ending.by == "stop" then return end
        end
        local last = all[1]
        if not last or (last.args[1] or ""):find("^%-") then return no_shop(w, c) end
        if not last.init then
          return c:fail("no_init", { name = last.name })
        end
        if was_stopped(last, last:ending(), c) then
          c:fail("no_time", { name = last.name })
        end
      end },
    answer{ id = "saved", after = "quick", choices = 2, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t shop shop")
      w:type("run -d --init --name kiosk shop")
      w:type("logs kiosk", "open")
      w:type("stop kiosk")
      w:type("why kiosk")
      w:type("logs kiosk")
      w:type("answer 2")
    end,
    function(w) -- from the shop's folder, under other names
      w:type("answer 3")
      w:type("docker build -t corner:1 ./shop")
      w:type("docker create --name corner --init corner:1")
      w:type("docker start corner")
      w:type("docker logs corner", "open")
      w:type("docker stop corner")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "nothing but built",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
      end,
      expect = { goal = "quick", message = "not_run" } },
    { name = "not even built",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --init --name kiosk shop")
      end,
      expect = { goal = "quick", message = "not_built" } },
    { name = "without --init",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("run -d --name kiosk shop")
        w:type("stop -t 0 kiosk")
      end,
      expect = { goal = "quick", message = "no_init" } },
    { name = "--init behind the image",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("run -d --name kiosk shop --init")
      end,
      expect = { goal = "quick", message = "option_behind" } },
    { name = "kill in place of stop",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("run -d --init --name kiosk shop")
        w:type("kill kiosk")
        w:type("wait kiosk")
      end,
      expect = { goal = "quick", message = "used_kill" } },
    { name = "did not look at the log",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("run -d --init --name kiosk shop")
        w:type("logs kiosk", "open")
        w:type("stop kiosk")
        w:type("answer 1")
      end,
      expect = { goal = "saved", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local function says_exec(text)
  return text and text:find("\n%s*exec%s+%S*shop%.sh") ~= nil
end

step{ id = "exec", points = 3,
  setup = function(w)
    w:copy("files/shop", "shop")
    w:type("build -t shop shop")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    custom{ id = "saved", points = 3, after = "guess",
      check = function(w, c)
        local all = shops(w)
        local last
        for _, one in ipairs(all) do
          local ending = not one.running and one:ending()
          if ending and ending.by == "stop" and one.exit == 0 and
             one:log():find("orders saved", 1, true) then
            return
          end
          -- What was stopped before this step has nothing to say.
          if not last and not (one.init and one.exit == 143) then last = one end
        end
        if not last then
          return c:fail(#all > 0 and w:ran_with("--init") and "only_init" or "none")
        end
        if not was_stopped(last, last:ending(), c) then return end
        if not says_exec(last:file("/shop/start.sh")) and
           says_exec(w:read("shop/start.sh")) then
          c:fail("not_rebuilt", { name = last.name })
        else
          c:fail("not_first", { name = last.name })
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:edit("shop/start.sh", "./shop.sh", "exec ./shop.sh")
      w:type("build -t shop shop")
      w:type("run -d --name stand shop")
      w:type("logs stand", "open")
      w:type("stop stand")
      w:type("logs stand")
    end,
    function(w) -- the other script is not needed at all
      w:type("answer 1")
      w:type("docker run -d --name stand shop ./shop.sh")
      w:type("docker logs stand", "open")
      w:type("docker stop stand")
    end,
    function(w) -- in the Dockerfile
      w:type("answer 1")
      w:edit("shop/Dockerfile", "./start.sh", "./shop.sh")
      w:type("build -t stand shop")
      w:type("run -d --name stand stand")
      w:type("logs stand", "open")
      w:type("stop stand")
    end,
  },
  wrong = {
    { name = "nothing changed",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name stand shop")
        w:type("logs stand", "open")
        w:type("stop -t 0 stand")
      end,
      expect = { goal = "saved", message = "not_first" } },
    { name = "changed, and not built again",
      run = function(w)
        w:type("answer 1")
        w:edit("shop/start.sh", "./shop.sh", "exec ./shop.sh")
        w:type("run -d --name stand shop")
        w:type("logs stand", "open")
        w:type("stop -t 0 stand")
      end,
      expect = { goal = "saved", message = "not_rebuilt" } },
    { name = "--init once more",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --init --name stand shop")
        w:type("logs stand", "open")
        w:type("stop stand")
      end,
      expect = { goal = "saved", message = "only_init" } },
    { name = "still open",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name stand shop")
      end,
      expect = { goal = "saved", message = "still_running" } },
    { name = "kill in place of stop",
      run = function(w)
        w:type("answer 1")
        w:edit("shop/start.sh", "./shop.sh", "exec ./shop.sh")
        w:type("build -t shop shop")
        w:type("run -d --name stand shop")
        w:type("kill stand")
        w:type("wait stand")
      end,
      expect = { goal = "saved", message = "used_kill" } },
  },
}

-- ---------------------------------------------------------------------------
-- A program that has ended and was not waited for.
local function has_zombie(one)
  return has_text(one:processes(), "<defunct>")
end

-- The same behind an init: what ended a moment ago is looked at again.
local function stays_zombie(one)
  for _ = 1, 5 do
    if not has_zombie(one) then return false end
  end
  return true
end

-- Process 1 has asked for the exit code of somebody. Then the kernel adds up for it what
-- that one had used: the page faults of children, the eleventh word of its stat. Behind
-- an init that has one child, which goes on, these can only be orphans.
local function has_buried(one)
  for _ = 1, 3 do -- what ended a moment ago is asked for in a moment
    local stat = one:run("cat", "/proc/1/stat") or ""
    local words = {}
    for word in stat:gsub("^.*%)", ""):gmatch("%S+") do words[#words + 1] = word end
    if (tonumber(words[9]) or 0) > 0 then return true end
  end
  return false
end

-- Containers that run, with --init or without.
local function running(w, init)
  local found = {}
  for _, one in ipairs(w:containers()) do
    if one.running and one.init == init then found[#found + 1] = one end
  end
  return found
end

-- Those without an init that have zombies, newest first.
local function full(w)
  local found = {}
  for _, one in ipairs(running(w, false)) do
    if has_zombie(one) then found[#found + 1] = one end
  end
  return found
end

step{ id = "zombie", points = 2,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "zombie", after = "guess",
      check = function(w, c)
        if #full(w) > 0 then return end
        if not w:ran_with("run") then return c:fail("none") end
        for _, one in ipairs(w:containers()) do
          if one.running then
            return c:fail(one.init and "init_too_early" or "no_guest",
                          { name = one.name })
          end
        end
        c:fail("none")
      end },
    custom{ id = "clean", after = "zombie",
      check = function(w, c)
        local all = running(w, true)
        for _, one in ipairs(all) do
          if has_buried(one) and not stays_zombie(one) then return end
        end
        if all[1] then
          c:fail("no_guest", { name = all[1].name })
        else
          local zombies = full(w)
          if #zombies > 1 then
            c:fail("without_init", { name = zombies[1].name })
          else
            c:fail("none_init")
          end
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name hotel busybox sleep 600")
      w:type("exec hotel setsid touch /tmp/guest")
      w:type("exec hotel ps", "[touch]")
      w:type("tree hotel")
      w:type("run -d --init --name inn busybox sleep 600")
      w:type("exec inn setsid touch /tmp/guest")
      w:type("diff inn", "guest")
      w:type("tree inn")
    end,
    function(w) -- a shell that leaves a child behind
      w:type("answer 2")
      w:type("run -d --name a1 busybox tail -f /dev/null")
      w:type("exec a1 sh -c 'sleep 0 & sleep 0 &'")
      w:type("exec a1 ps", "[sleep]")
      w:type("run -d --init --name a2 busybox tail -f /dev/null")
      w:type("exec a2 sh -c 'touch /x &'")
      w:type("diff a2", "/x")
    end,
  },
  wrong = {
    { name = "an empty hotel",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name hotel busybox sleep 600")
      end,
      expect = { goal = "zombie", message = "no_guest" } },
    { name = "the guest was waited for",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name hotel busybox sleep 600")
        w:type("exec hotel touch /tmp/guest")
      end,
      expect = { goal = "zombie", message = "no_guest" } },
    { name = "--init from the start",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --init --name hotel busybox sleep 600")
        w:type("exec hotel setsid touch /tmp/guest")
      end,
      expect = { goal = "zombie", message = "init_too_early" } },
    { name = "the second one without --init, too",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name hotel busybox sleep 600")
        w:type("exec hotel setsid touch /tmp/guest")
        w:type("exec hotel ps", "[touch]")
        w:type("run -d --name inn busybox sleep 600")
        w:type("exec inn setsid touch /tmp/guest")
      end,
      expect = { goal = "clean", message = "without_init" } },
    { name = "a guest in the second one that is no orphan",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name hotel busybox sleep 600")
        w:type("exec hotel setsid touch /tmp/guest")
        w:type("exec hotel ps", "[touch]")
        w:type("run -d --init --name inn busybox sleep 600")
        w:type("exec inn touch /tmp/guest")
      end,
      expect = { goal = "clean", message = "no_guest" } },
    { name = "no guest in the second one",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name hotel busybox sleep 600")
        w:type("exec hotel setsid touch /tmp/guest")
        w:type("exec hotel ps", "[touch]")
        w:type("run -d --init --name inn busybox sleep 600")
      end,
      expect = { goal = "clean", message = "no_guest" } },
  },
}
