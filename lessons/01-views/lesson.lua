-- Lesson 1: the private views. A container is a process that is shown a machine
-- of its own: name, processes, files, network, users, ipc. Each view is a
-- namespace, and each may be left out or shared.
--
-- `hostname moon` without a container would rename the learner's machine, so the
-- name is given with --hostname and is never the last word of a line.

lesson{ format = 1, id = "views", needs = { "hello" }, minutes = 15, points = 10 }

-- The learner's container that goes on: the oldest that runs.
local function living(w)
  local found
  for _, one in ipairs(w:containers()) do
    if one.status == "running" then found = one end
  end
  return found
end

local function newest(w)
  return w:containers()[1]
end

local function has_word(list, wanted)
  for _, item in ipairs(list) do
    if item:match("[^/]*$") == wanted then return true end
  end
  return false
end

-- What runs for the later steps, where the learner has removed it.
local function keep_one(w)
  if not living(w) then
    w:type("run -d --hostname moon busybox sleep 1000")
  end
end

local function show_living(w)
  local one = living(w)
  return { name = one and one.name or "box",
           program = one and one.args[1] or "sleep" }
end

-- ---------------------------------------------------------------------------
step{ id = "name", points = 2,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    container{ id = "moon", after = "guess", status = "running", hostname = "moon",
      diagnose = function(w, c)
        local last = newest(w)
        if not last then return end
        if last.args[1]:find("^%-") then
          c:fail("option_behind", { option = last.args[1], name = last.name })
        elseif last:could_not_start() then
          c:fail("could_not_start", { program = last.args[1], name = last.name })
        elseif last.status == "created" then
          c:not_yet("start " .. last.name)
        elseif last.hostname == "moon" then
          c:fail("has_ended", { name = last.name })
        elseif last.name == "moon" then
          c:fail("name_is_not_hostname")
        elseif last.running then
          c:fail("other_hostname", { name = last.name, hostname = last.hostname })
        end
      end },
    answer{ id = "default", after = "moon", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name box --hostname moon busybox sleep 1000")
      w:type("exec box hostname")
      w:type("hostname")
      w:type("run --rm busybox hostname")
      w:type("answer 3")
    end,
    function(w)
      w:type("answer 3")
      w:type("docker create -h moon --name landing busybox tail -f /dev/null")
      w:type("docker start landing")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "a name for the container, not for the machine it sees",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name moon busybox sleep 1000")
      end,
      expect = { goal = "moon", message = "name_is_not_hostname" } },
    { name = "the option behind the image",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name box busybox --hostname moon sleep 1000")
      end,
      expect = { goal = "moon", message = "option_behind" } },
    { name = "a slip in the host name",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name box --hostname mon busybox sleep 1000")
      end,
      expect = { goal = "moon", message = "other_hostname" } },
    { name = "it ends at once",
      run = function(w)
        w:type("answer 2")
        w:type("run --hostname moon busybox hostname")
      end,
      expect = { goal = "moon", message = "has_ended" } },
    { name = "guessed, not looked",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name box --hostname moon busybox sleep 1000")
        w:type("answer 1")
      end,
      expect = { goal = "default", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The other containers that were to list processes, the newest first.
local function others_ps(w, host)
  local found = {}
  for _, one in ipairs(w:containers()) do
    if one.id ~= host.id and has_word(one.args, "ps") then found[#found + 1] = one end
  end
  return found
end

-- The one of them that has seen the program of `host`.
local function sharer(w, host)
  for _, one in ipairs(others_ps(w, host)) do
    if one:log():find(host.args[1], 1, true) then return one end
  end
end

step{ id = "processes", points = 2,
  setup = keep_one,
  show = function(w)
    local shown, host = show_living(w), living(w)
    local guest = host and sharer(w, host)
    shown.guest = guest and guest.name or "guest"
    return shown
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    answer{ id = "first", points = 1, after = "guess", right = 1 },
    custom{ id = "shared", after = "first",
      check = function(w, c)
        local host = living(w)
        if not host then return c:fail("none_runs") end
        if sharer(w, host) then return end
        local other = others_ps(w, host)[1]
        if other and other.status == "created" then
          if other.error == "" then return c:not_yet("start " .. other.name) end
          return c:fail("did_not_run", { name = other.name })
        elseif other and other.running then
          return c:not_yet("logs " .. other.name)
        elseif other then
          return c:fail("own_view", { name = other.name })
        end
        if w:ran_with("--rm") then return c:fail("used_rm") end
        c:not_yet("ps -a")
      end },
  },
  solve = {
    function(w)
      local name = living(w).name
      w:type("answer 1")
      w:type("exec " .. name .. " ps")
      w:type("answer 1")
      w:type("run --name guest --pid container:" .. name .. " busybox ps")
    end,
    function(w)
      w:type("answer 2")
      w:type("answer 1")
      w:type("run --pid container:" .. living(w).id .. " busybox ps -o pid,args")
    end,
  },
  wrong = {
    { name = "the number that the machine gives it",
      run = function(w)
        w:type("answer 2")
        w:type("answer " .. living(w).pid)
      end,
      expect = { goal = "first", message = "wrong" } },
    { name = "a view of its own",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("run --name guest busybox ps")
      end,
      expect = { goal = "shared", message = "own_view" } },
    { name = "another namespace was shared",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("run --name guest --ipc container:" .. living(w).name .. " busybox ps")
      end,
      expect = { goal = "shared", message = "did_not_run" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("run --rm --pid container:" .. living(w).name .. " busybox ps")
      end,
      expect = { goal = "shared", message = "used_rm" } },
    { name = "the one to be shared with is gone",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("rm -f " .. living(w).name)
      end,
      expect = { goal = "shared", message = "none_runs" } },
  },
}

-- ---------------------------------------------------------------------------
-- Containers that listen on port 80 of their own, and the last that meant to.
local function servers(w)
  local listening, last = {}, nil
  for _, one in ipairs(w:containers()) do
    if has_word(one.args, "httpd") then last = last or one end
    for _, place in ipairs(one.running and one:listens() or {}) do
      if place:match(":80$") then
        listening[#listening + 1] = one
        break
      end
    end
  end
  return listening, last
end

-- "container:" and the name, as it was typed; the runtime keeps the id.
local function network_of(w, one)
  local id = one.network_mode:match("^container:(.*)")
  for _, other in ipairs(id and w:containers() or {}) do
    if other.id == id then return "container:" .. other.name end
  end
  return one.network_mode
end

step{ id = "network", points = 3,
  setup = keep_one,
  show = show_living,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "both", points = 2, after = "guess",
      check = function(w, c)
        local listening, last = servers(w)
        if #listening >= 2 then return end
        local ended = last and not last.running and last
        if ended and (ended.error or ""):find("external connectivity", 1, true) then
          return c:fail("published", { name = ended.name })
        elseif ended and not has_word(ended.args, "-f") then
          return c:fail("no_f", { name = ended.name })
        elseif ended and ended.network_mode ~= "bridge" and
               ended.network_mode ~= "default" and ended.network_mode ~= "" then
          return c:fail("shares", { name = ended.name, network = network_of(w, ended) })
        elseif ended then
          return c:fail("server_ended", { name = ended.name })
        elseif #listening == 1 then
          return c:fail("only_one", { name = listening[1].name })
        elseif last then
          return c:fail("no_server", { name = last.name })
        end
        c:not_yet("ps -a")
      end },
    answer{ id = "devices", after = "both", choices = 2, right = 1 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name shop busybox httpd -f -p 80")
      w:type("run -d --name news busybox httpd -f -p 80")
      w:type("ps")
      w:type("exec shop ls /sys/class/net")
      w:type("answer 1")
    end,
    function(w)
      w:type("answer 3")
      w:type("run -d busybox httpd -f")
      w:type("run -d --hostname news busybox httpd -f")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "one of them only",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -f -p 80")
      end,
      expect = { goal = "both", message = "only_one" } },
    { name = "without -f the server goes to the background, and process 1 ends",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -p 80")
        w:type("wait shop")
      end,
      expect = { goal = "both", message = "no_f" } },
    { name = "two in one network: the port is taken",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -f -p 80")
        w:type("run --name news --network container:shop busybox httpd -f -p 80")
      end,
      expect = { goal = "both", message = "shares" } },
    { name = "a port of the machine, which cannot be had",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop -p 203.0.113.7:8080:80 busybox httpd -f -p 80")
      end,
      expect = { goal = "both", message = "published" } },
    { name = "the first had ended; the second is there",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -p 80")
        w:type("wait shop")
        w:type("run -d --name news busybox httpd -f -p 80")
      end,
      expect = { goal = "both", message = "only_one" } },
    { name = "another port",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -f -p 8080")
      end,
      expect = { goal = "both", message = "no_server" } },
    { name = "the wrong card",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name shop busybox httpd -f -p 80")
        w:type("run -d --name news busybox httpd -f -p 80")
        w:type("answer 2")
      end,
      expect = { goal = "devices", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- Whether the container has a view of the users of its own. Without one, every
-- id is what it is outside: the map is the whole range.
local function own_users(w)
  local one = living(w)
  local map
  if one then
    map = one:run("cat", "/proc/self/uid_map")
  else
    map = w:image("busybox"):run("cat", "/proc/self/uid_map")
  end
  return map and not map:find("4294967295", 1, true)
end

step{ id = "user", points = 1,
  setup = keep_one,
  show = show_living,
  goals = {
    answer{ id = "guess", points = 0, choices = 2, predict = true,
      right = function(w) return own_users(w) and 2 or 1 end },
    answer{ id = "outside", after = "guess", choices = 2,
      right = function(w) return own_users(w) and 2 or 1 end },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("exec " .. living(w).name .. " id")
      w:type("top " .. living(w).name)
      w:type("answer " .. (own_users(w) and 2 or 1))
    end,
  },
  wrong = {
    { name = "the other one",
      run = function(w)
        w:type("answer 1")
        w:type("answer " .. (own_users(w) and 1 or 2))
      end,
      expect = { goal = "outside", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "six", points = 2,
  setup = keep_one,
  show = show_living,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    answer{ id = "count", after = "guess", points = 2,
      right = function(w) return own_users(w) and 6 or 5 end },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:type("exec " .. living(w).name .. " ls -l /proc/self/ns")
      w:type("ls -l /proc/self/ns")
      w:type("answer " .. (own_users(w) and 6 or 5))
    end,
  },
  wrong = {
    { name = "the lines that are alike counted",
      run = function(w)
        w:type("answer 1")
        w:type("answer 1")
      end,
      expect = { goal = "count", message = "wrong" } },
    { name = "all lines counted",
      run = function(w)
        w:type("answer 1")
        w:type("answer 10")
      end,
      expect = { goal = "count", message = "wrong" } },
  },
}
