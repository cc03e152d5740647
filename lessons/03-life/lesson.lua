-- Lesson 3: the life of a container. It runs as long as its first program does; it
-- can be stopped, started again and removed; and when it has ended, it can be found
-- out why.
--
-- Two small images are made for the learner: `clock`, which goes on until it is asked
-- to stop, and `shop`, which will not open. Names of containers are free: what is
-- looked for is a container of the image.

lesson{ format = 1, id = "life", needs = { "hello" }, minutes = 15, points = 10 }

local function newest_of(w, image, other)
  for _, one in ipairs(w:containers()) do
    local name = one.image:match("^[^:]*")
    if name == image or name == other then return one end
  end
end

local function running_of(w, image)
  for _, one in ipairs(w:containers()) do
    if one.running and one.image:match("^[^:]*") == image then return one end
  end
end

local function make_image(w, name)
  w:copy("files/" .. name, name)
  w:type("build -q -t " .. name .. " " .. name)
end

-- ---------------------------------------------------------------------------
-- With -t somebody may have typed, and `exit` is another end than the one meant here.
local function is_shell(one) return (one.args[1] or ""):match("[^/]*$") == "sh" end

local function idle(w)
  for _, one in ipairs(w:containers()) do
    if one.status == "exited" and is_shell(one) and #one.args == 1 and not one.tty then
      return one
    end
  end
end

step{ id = "ends", points = 2,
  show = function(w)
    local one = idle(w)
    return { name = one and one.name or "idle" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "idle", after = "guess",
      check = function(w, c)
        local done, last = idle(w), w:containers()[1]
        if done and done.exit == 0 then return end
        if last and last.tty and is_shell(last) then
          c:fail("with_terminal", { name = last.name })
        elseif last and last:could_not_start() then
          c:fail("could_not_start", { name = last.name, program = last.args[1] })
        elseif last and last.status == "created" then
          c:not_yet("start " .. last.name)
        elseif last and last.running then
          c:fail("goes_on", { name = last.name, program = last.args[1] })
        elseif last then
          c:fail("other_program", { name = last.name, program = last.args[1] })
        elseif w:ran_with("--rm") then
          c:fail("used_rm")
        else
          c:not_yet("ps -a")
        end
      end },
    answer{ id = "why", after = "idle", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name idle busybox")
      w:type("wait idle")
      w:type("ps -a")
      w:type("answer 3")
    end,
    function(w)
      w:type("answer 2")
      w:type("docker create --name empty busybox sh")
      w:type("docker start -a empty")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "a program that goes on",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name idle busybox sleep 1000")
      end,
      expect = { goal = "idle", message = "goes_on" } },
    { name = "another program",
      run = function(w)
        w:type("answer 1")
        w:type("run --name idle busybox true")
      end,
      expect = { goal = "idle", message = "other_program" } },
    { name = "with a terminal",
      run = function(w)
        w:type("answer 1")
        w:type("run -dt --name idle busybox")
      end,
      expect = { goal = "idle", message = "with_terminal" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm --name idle busybox")
      end,
      expect = { goal = "idle", message = "used_rm" } },
    { name = "-d taken for the reason",
      run = function(w)
        w:type("answer 1")
        w:type("run -d --name idle busybox")
        w:type("wait idle")
        w:type("answer 2")
      end,
      expect = { goal = "why", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "log", points = 2,
  setup = function(w) make_image(w, "clock") end,
  show = function(w)
    local clock = newest_of(w, "clock")
    return { name = clock and clock.name or "clock" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    container{ id = "runs", after = "guess", image = "clock", status = "running",
      diagnose = function(w, c)
        local clock, last = newest_of(w, "clock"), w:containers()[1]
        if last and last.running and last.image:match("^[^:]*") == "busybox" then
          c:fail("other_image", { name = last.name })
        elseif clock and clock:could_not_start() then
          c:fail("could_not_start", { name = clock.name, program = clock.args[1] })
        elseif clock and clock.status == "created" then
          c:not_yet("start " .. clock.name)
        elseif clock then
          c:fail("has_ended", { name = clock.name })
        elseif running_of(w, "busybox") then
          c:fail("other_image", { name = running_of(w, "busybox").name })
        end
      end },
    answer{ id = "first", after = "runs",
      right = { "start 1", "start1", "\"start 1\"" } },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:type("run -d --name clock clock")
      w:type("logs clock")
      w:type("answer start 1")
    end,
    function(w)
      w:type("answer 2")
      w:type("docker run --detach clock:latest")
      w:type("docker logs --tail 5 " .. w:containers()[1].name)
      w:type("answer start 1")
    end,
  },
  wrong = {
    { name = "ended, as by Ctrl-C",
      run = function(w)
        w:type("answer 2")
        w:type("create --name clock clock sh -c 'exit 0'")
        w:type("start -a clock")
      end,
      expect = { goal = "runs", message = "has_ended" } },
    { name = "busybox in place of the image that was made",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name clock busybox sleep 1000")
      end,
      expect = { goal = "runs", message = "other_image" } },
    { name = "the same, after one that has ended",
      run = function(w)
        w:type("answer 2")
        w:type("run --name clock clock true")
        w:type("run -d --name other busybox sleep 1000")
      end,
      expect = { goal = "runs", message = "other_image" } },
    { name = "a program behind the image takes the place of its own",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name clock clock clock")
      end,
      expect = { goal = "runs", message = "could_not_start" } },
    { name = "the last line in place of the first",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name clock clock")
        w:type("answer tick 3")
      end,
      expect = { goal = "first", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local function keep_clock(w)
  if not w:image("clock") then make_image(w, "clock") end
  if not running_of(w, "clock") then w:type("run -d clock") end
end

local function show_clock(w)
  local clock = running_of(w, "clock") or newest_of(w, "clock")
  return { name = clock and clock.name or "clock" }
end

-- A start after a stop. `reset` starts the clock as well, but did not stop it; and
-- what was killed could not say good-bye.
local function started_again(w, log)
  if log:find("stopped after.-\nstart %d") then return true end
  return log:find("start [2-9]") and (w:has_typed("start") or
                                      w:has_typed("restart"))
end

step{ id = "again", points = 2,
  setup = keep_clock,
  show = show_clock,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "twice", points = 2, after = "guess",
      check = function(w, c)
        local clocks, stopped = 0, nil
        for _, one in ipairs(w:containers()) do
          if one.image:match("^[^:]*") == "clock" then
            local log = one:log()
            -- One that never ran is a slip of the step before.
            if one.status ~= "created" and not one:could_not_start() then
              clocks = clocks + 1
            end
            if one.running and started_again(w, log) then return end
            -- It has been stopped, and runs: then the line is on its way.
            if one.running and log:find("stopped", 1, true) then
              return c:fail("running", { name = one.name })
            end
            if one.status == "exited" then stopped = stopped or one end
          end
        end
        if clocks > 1 and w:has_typed("run") then return c:fail("second_one") end
        for _, one in ipairs(w:containers()) do
          if one.status == "paused" then
            return c:fail("paused", { name = one.name })
          end
        end
        -- One that ended in the step before, while another runs, is not meant.
        if stopped and (clocks == 1 or w:has_typed("stop") or w:has_typed("kill")) then
          return c:fail("still_stopped", { name = stopped.name })
        end
        if clocks == 0 then return c:fail("removed") end
        c:not_yet("ps")
      end },
  },
  solve = {
    function(w)
      local name = running_of(w, "clock").name
      w:type("answer 1")
      w:type("stop " .. name)
      w:type("start " .. name)
      w:type("logs " .. name)
    end,
    function(w)
      w:type("answer 2")
      w:type("docker restart " .. running_of(w, "clock").id)
    end,
    function(w)
      local name = running_of(w, "clock").name
      w:type("answer 3")
      w:type("kill " .. name)
      w:type("start " .. name)
      w:type("logs " .. name)
    end,
  },
  wrong = {
    { name = "stopped, and left at that",
      run = function(w)
        w:type("answer 2")
        w:type("stop " .. running_of(w, "clock").name)
      end,
      expect = { goal = "twice", message = "still_stopped" } },
    { name = "run makes another one",
      run = function(w)
        w:type("answer 2")
        w:type("stop " .. running_of(w, "clock").name)
        w:type("run -d clock")
      end,
      expect = { goal = "twice", message = "second_one" } },
    { name = "removed",
      run = function(w)
        w:type("answer 2")
        w:type("rm -f " .. running_of(w, "clock").name)
      end,
      expect = { goal = "twice", message = "removed" } },
    { name = "asleep is not stopped",
      run = function(w)
        w:type("answer 2")
        w:type("pause " .. running_of(w, "clock").name)
      end,
      expect = { goal = "twice", message = "paused" } },
  },
}

-- ---------------------------------------------------------------------------
-- The last line of this step that was to make something run.
local function last_try(w)
  local all = w:typed()
  for i = #all, 1, -1 do
    local line = " " .. all[i] .. " "
    if line:find(" run ", 1, true) or line:find("start ", 1, true) then return line end
  end
  return ""
end

step{ id = "why", points = 3,
  setup = function(w)
    keep_clock(w)
    make_image(w, "shop")
  end,
  show = function(w)
    local shop = newest_of(w, "shop")
    return { name = shop and shop.name or "shop" }
  end,
  goals = {
    custom{ id = "failed", points = 0,
      check = function(w, c)
        local shop = newest_of(w, "shop")
        if not shop then
          if w:ran_with("--rm") then return c:fail("used_rm") end
          return c:not_yet("ps -a")
        end
        if shop.exit == 3 and not shop.running then return end
        if shop:could_not_start() then
          return c:fail("could_not_start",
                        { name = shop.name, program = shop.args[1] })
        end
        if shop.status == "created" then return c:not_yet("start " .. shop.name) end
        -- Without a name it is about to end: that is waited for.
        if shop.running and not shop.env.SHOP_NAME then
          return c:fail("running", { name = shop.name })
        end
        c:fail("opened", { name = shop.name })
      end },
    answer{ id = "code", after = "failed", right = 3 },
    answer{ id = "cause", points = 1, after = "code",
      right = { "SHOP_NAME", "$SHOP_NAME" } },
    container{ id = "open", after = "cause", image = "shop", status = "running",
      diagnose = function(w, c)
        local shop, last = newest_of(w, "shop"), last_try(w)
        if not shop then return end
        if shop:could_not_start() then
          c:fail(shop.args[1]:find("^%-") and "option_behind" or "could_not_start",
                 { name = shop.name, program = shop.args[1] })
        elseif shop.status == "created" then
          c:not_yet("start " .. shop.name)
        elseif shop.env.SHOP_NAME then
          c:fail("empty_name", { name = shop.name })
        elseif last:find("start ", 1, true) then
          c:fail("started_again", { name = shop.name })
        elseif last:find(" %-e") or last:find(" %-%-env") then
          c:fail("still_unnamed", { name = shop.name })
        elseif last:find("^ [%w_]+=") or w:has_typed("export") then
          c:fail("host_env")
        else
          c:not_yet("ps -a")
        end
      end },
  },
  solve = {
    function(w)
      w:type("run -d --name shop shop")
      w:type("ps -a")
      w:type("answer 3")
      w:type("logs shop")
      w:type("answer SHOP_NAME")
      w:type("rm shop")
      w:type("run -d --name shop -e SHOP_NAME=Tea shop")
      w:type("logs shop")
    end,
    function(w)
      w:type("docker run shop")
      w:type("answer 3")
      w:type("answer shop_name")
      w:type("docker run --detach --env SHOP_NAME=Books shop")
    end,
  },
  wrong = {
    { name = "removed as soon as it ended",
      run = function(w) w:type("run --rm shop") end,
      expect = { goal = "failed", message = "used_rm" } },
    { name = "another code",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 1")
      end,
      expect = { goal = "code", message = "wrong" } },
    { name = "another word of the log",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer door")
      end,
      expect = { goal = "cause", message = "wrong" } },
    { name = "started again as it was",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("start shop")
        w:type("wait shop")
      end,
      expect = { goal = "open", message = "started_again" } },
    { name = "the variable behind the image",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("run -d --name shop2 shop -e SHOP_NAME=Tea")
      end,
      expect = { goal = "open", message = "option_behind" } },
    { name = "an empty name",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("run --name shop2 -e SHOP_NAME= shop")
      end,
      expect = { goal = "open", message = "empty_name" } },
    { name = "set on the machine",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("export SHOP_NAME=Tea")
        w:type("run --name shop2 shop")
      end,
      expect = { goal = "open", message = "host_env" } },
    { name = "set for a line of the machine's, after a start",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("start -a shop")
        w:type("SHOP_NAME=Tea run --name shop2 shop")
      end,
      expect = { goal = "open", message = "host_env" } },
    { name = "another variable",
      run = function(w)
        w:type("run --name shop shop")
        w:type("answer 3")
        w:type("answer SHOP_NAME")
        w:type("run --name shop2 -e SHOPNAME=Tea shop")
      end,
      expect = { goal = "open", message = "still_unnamed" } },
  },
}

-- ---------------------------------------------------------------------------
-- One that is in the way of tidying up; and whether the last line has named it.
local function in_the_way(w)
  local all, first = w:typed(), nil
  local line = " " .. (all[#all] or "") .. " "
  for _, one in ipairs(w:containers()) do
    if one.running or one.status == "paused" then
      if line:find(" " .. one.name .. " ", 1, true) then return one, true end
      first = first or one
    end
  end
  return first, false
end

step{ id = "remove", points = 1,
  setup = keep_clock,
  show = show_clock,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "tidy", after = "guess",
      check = function(w, c)
        local all = w:containers()
        if #all == 0 then return end
        local one, named = in_the_way(w)
        if not one then return c:fail("ended_but_there", { name = all[1].name }) end
        if not w:has_typed("rm") and not w:has_typed("prune") then
          return c:not_yet("ps -a")
        end
        c:fail(named and "still_runs" or "one_more", { name = one.name })
      end },
  },
  solve = {
    function(w)
      local clock = show_clock(w).name -- in the end it is gone
      w:type("answer 1")
      w:type("rm " .. clock)
      w:type("stop " .. clock)
      for _, one in ipairs(w:containers()) do
        if one.running then w:type("stop " .. one.name) end
      end
      w:type("container prune -f")
    end,
    function(w)
      w:type("answer 2")
      for _, one in ipairs(w:containers()) do
        if one.running then w:type("docker kill " .. one.name) end
      end
      w:type("docker container prune -f")
    end,
  },
  wrong = {
    { name = "rm does not take what runs",
      run = function(w)
        w:type("answer 2")
        w:type("rm " .. running_of(w, "clock").name)
      end,
      expect = { goal = "tidy", message = "still_runs" } },
    { name = "one is gone, another still runs",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name other busybox sleep 1000")
        w:type("rm -f " .. running_of(w, "clock").name)
      end,
      expect = { goal = "tidy", message = "one_more" } },
    { name = "stopped is not removed",
      run = function(w)
        w:type("answer 2")
        for _, one in ipairs(w:containers()) do
          if one.running then w:type("stop " .. one.name) end
        end
      end,
      expect = { goal = "tidy", message = "ended_but_there" } },
  },
}
