-- Lesson 0: a container is a process. Not a small machine: a program of this
-- machine, started in a particular way, that ends like any other.
--
-- Names are free: what is asked for is a container that has run, or that runs.
-- The number of its process differs each time, so the answer is looked up when
-- it is given.

lesson{ format = 1, id = "hello", needs = {}, minutes = 10, points = 10 }

-- The learner's container that goes on, the newest of them.
local function living(w)
  for _, one in ipairs(w:containers()) do
    if one.status == "running" then return one end
  end
end

local function newest(w)
  return w:containers()[1]
end

-- ---------------------------------------------------------------------------
step{ id = "hello", points = 2,
  goals = {
    container{ id = "ran", exit = 0,
      diagnose = function(w, c)
        local last = newest(w)
        if last and last:could_not_start() then
          c:fail("could_not_start", { program = last.args[1] })
        elseif last and last.running then
          c:fail("still_running", { name = last.name })
        elseif not last and w:ran_with("--rm") then
          c:fail("used_rm")
        elseif not last and w:typed_outside("echo") then
          c:fail("on_host")
        end
      end },
    custom{ id = "said", after = "ran",
      check = function(w, c)
        for _, one in ipairs(w:containers()) do
          if one:log():match("%S") then return end
        end
        -- It may have printed something, and is gone with it.
        local lines = w:lines()
        local last = lines[#lines] and " " .. lines[#lines].line .. " " or ""
        if last:find(" run ", 1, true) and last:find(" --rm ", 1, true) then
          return c:fail("used_rm")
        end
        c:fail("silent", { name = newest(w) and newest(w).name or "" })
      end },
    answer{ id = "where", after = "said", choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("run busybox echo hi")
      w:type("ps")
      w:type("ps -a")
      w:type("answer 2")
    end,
    function(w)
      w:type("docker container run --name first busybox:latest date")
      w:type("docker container ls --all")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "removed as soon as it ended",
      run = function(w) w:type("run --rm busybox echo hi") end,
      expect = { goal = "ran", message = "used_rm" } },
    { name = "a slip in the program's name",
      run = function(w) w:type("run busybox ehco hi") end,
      expect = { goal = "ran", message = "could_not_start" } },
    { name = "no container, the machine's own echo",
      run = function(w) w:type("echo hi") end,
      expect = { goal = "ran", message = "on_host" } },
    { name = "one that goes on",
      run = function(w) w:type("run -d busybox sleep 1000") end,
      expect = { goal = "ran", message = "still_running" } },
    { name = "a program that has nothing to say",
      run = function(w) w:type("run busybox true") end,
      expect = { goal = "said", message = "silent" } },
    { name = "what printed something was removed",
      run = function(w)
        w:type("run busybox true")
        w:type("run --rm busybox echo hi")
      end,
      expect = { goal = "said", message = "used_rm" } },
    { name = "it was not removed",
      run = function(w)
        w:type("run busybox echo hi")
        w:type("answer 1")
      end,
      expect = { goal = "where", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "alive", points = 2,
  show = function(w)
    local one = living(w)
    return { name = one and one.name or "sleeper" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    container{ id = "runs", after = "guess", status = "running",
      diagnose = function(w, c)
        local last = newest(w)
        if last and last:could_not_start() then
          c:fail("could_not_start", { program = last.args[1] })
        elseif last and last.status == "created" then
          c:not_yet("start " .. last.name)
        elseif last and last.args[1] == "sh" then
          c:fail("no_program", { name = last.name })
        elseif last and last.args[1] == "sleep" then
          c:fail("has_ended", { name = last.name })
        elseif w:typed_outside("sleep") then
          c:fail("on_host")
        end
      end },
    answer{ id = "count", after = "runs",
      right = function(w)
        local one = living(w)
        return one and #one:processes()
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name sleeper busybox sleep 1000")
      w:type("top sleeper")
      w:type("answer 1")
    end,
    function(w)
      w:type("answer 2")
      w:type("create --name long busybox tail -f /dev/null")
      w:type("start long")
      w:type("container top long")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "it has ended already",
      run = function(w)
        w:type("answer 1")
        w:type("run --name sleeper busybox sleep 0")
      end,
      expect = { goal = "runs", message = "has_ended" } },
    { name = "no program given",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name sleeper busybox")
        w:type("wait sleeper")
      end,
      expect = { goal = "runs", message = "no_program" } },
    { name = "a slip in the program's name",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name sleeper busybox slep 1000")
      end,
      expect = { goal = "runs", message = "could_not_start" } },
    { name = "the machine's own sleep",
      run = function(w)
        w:type("answer 1")
        w:type("sleep 0")
      end,
      expect = { goal = "runs", message = "on_host" } },
    { name = "the heading counted as well",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name sleeper busybox sleep 1000")
        w:type("answer 2")
      end,
      expect = { goal = "count", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- Without a container that runs there is nothing to ask about.
local function if_none_runs(w, c)
  if not living(w) then
    c:fail("none_runs")
    return true
  end
end

step{ id = "pid", points = 3,
  show = function(w)
    local one = living(w)
    return { name = one and one.name or "sleeper",
             pid = one and one.pid or "PID",
             program = one and one.args[1] or "sleep" }
  end,
  goals = {
    answer{ id = "outside", points = 2,
      right = function(w)
        local all = {}
        for _, one in ipairs(w:containers()) do
          if one.running then all[#all + 1] = tostring(one.pid) end
        end
        return all
      end,
      diagnose = function(w, c)
        if not w:answer("pid/outside") or if_none_runs(w, c) then return end
        if w:answer("pid/outside") == "1" then c:fail("inside") end
      end },
    answer{ id = "called", after = "outside",
      right = function(w)
        local one = living(w)
        return one and one.args[1]:match("[^/]*$")
      end,
      diagnose = function(w, c)
        if w:answer("pid/called") then if_none_runs(w, c) end
      end },
  },
  solve = {
    function(w)
      w:type("exec " .. w:containers()[1].name .. " ps")
      w:type("top " .. w:containers()[1].name)
      w:type("answer " .. w:containers()[1].pid)
      w:type("cat /proc/" .. w:containers()[1].pid .. "/comm")
      w:type("answer " .. w:containers()[1].args[1])
    end,
    function(w)
      local one = w:containers()[1]
      w:type("inspect --format {{.State.Pid}} " .. one.name)
      w:type("answer " .. one.pid)
      w:type("answer " .. one.args[1])
    end,
  },
  wrong = {
    { name = "the number inside",
      run = function(w) w:type("answer 1") end,
      expect = { goal = "outside", message = "inside" } },
    { name = "the number of another process",
      run = function(w) w:type("answer 2") end,
      expect = { goal = "outside", message = "wrong" } },
    { name = "the container ended before",
      run = function(w)
        w:type("kill " .. w:containers()[1].name)
        w:type("answer 4711")
      end,
      expect = { goal = "outside", message = "none_runs" } },
    { name = "the container's name in place of the program's",
      run = function(w)
        w:type("answer " .. w:containers()[1].pid)
        w:type("answer " .. w:containers()[1].name)
      end,
      expect = { goal = "called", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "kernel", points = 1,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    answer{ id = "version", after = "guess",
      right = function(w)
        local version = w:image("busybox"):run("uname", "-r")
        return version and version:match("%S+")
      end },
    answer{ id = "up", points = 0, after = "version", choices = 2, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("uname -r")
      local _, version = w:type("run --rm busybox uname -r")
      w:type("answer " .. (version:match("%S+") or "VERSION"))
      w:type("run --rm busybox uptime")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "the name instead of the version",
      run = function(w)
        w:type("answer 1")
        w:type("answer Linux")
      end,
      expect = { goal = "version", message = "wrong" } },
    { name = "guessed instead of looked",
      run = function(w)
        w:type("answer 3")
        local _, version = w:type("run --rm busybox uname -r")
        w:type("answer " .. version:match("%S+"))
        w:type("answer 1")
      end,
      expect = { goal = "up", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The learner's last line that started a container and ended well.
local function timed(w)
  local lines = w:lines()
  for i = #lines, 1, -1 do
    if lines[i].status == 0 and (" " .. lines[i].line):find(" run ", 1, true) then
      return lines[i]
    end
  end
end

step{ id = "end", points = 2,
  setup = function(w)
    if not living(w) then w:type("run -d busybox sleep 1000") end
  end,
  show = function(w)
    local line = timed(w)
    local one = living(w) or newest(w)
    return { ms = line and line.ms or "?", name = one and one.name or "sleeper" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "timed", after = "guess",
      check = function(w, c)
        if timed(w) then return end
        if #w:lines() > 1 then return c:fail("no_run") end
        c:not_yet("goal")
      end },
    custom{ id = "ended", after = "timed",
      check = function(w, c)
        local one = living(w)
        if one and w:has_typed("rm") then
          return c:fail("still_there", { name = one.name })
        elseif one and (w:has_typed("kill") or w:has_typed("stop")) then
          return c:fail("one_more", { name = one.name })
        elseif one then
          return c:not_yet("ps")
        end
        for _, other in ipairs(w:containers()) do
          if other.status == "paused" then
            return c:fail("paused", { name = other.name })
          end
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("run --rm busybox true")
      w:type("kill " .. w:containers()[1].name)
      w:type("ps -a")
    end,
    function(w)
      w:type("answer 3")
      w:type("run busybox true")
      w:type("rm -f " .. living(w).name)
    end,
  },
  wrong = {
    { name = "true, but in no container",
      run = function(w)
        w:type("answer 3")
        w:type("true")
      end,
      expect = { goal = "timed", message = "no_run" } },
    { name = "rm does not end what runs",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm busybox true")
        w:type("rm " .. w:containers()[1].name)
      end,
      expect = { goal = "ended", message = "still_there" } },
    { name = "one ended, another made earlier goes on",
      run = function(w)
        w:type("answer 3")
        w:type("run -d busybox sleep 1000")
        w:type("kill " .. w:containers()[1].name)
      end,
      expect = { goal = "ended", message = "one_more" } },
    { name = "asleep is not ended",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm busybox true")
        w:type("pause " .. w:containers()[1].name)
      end,
      expect = { goal = "ended", message = "paused" } },
  },
}
