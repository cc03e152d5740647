-- Lesson 17: what a container does not keep from anybody. Who root is in there, what
-- lies in an image for ever, and what happens to whom wants more than its limit.
--
-- The secrets are tokens of this lesson and look like nothing else. What asks for too
-- much memory asks for 100 MB once: forgotten limits, or half of the line typed at the
-- learner's own machine, do no harm.

lesson{ format = 1, id = "safety", needs = { "diff", "dockerfile" }, minutes = 22, points = 12 }

var.password = token(8)
var.door = token(8)
var.stamp = token(10)

-- Made, but there is no such program in the image.
local function could_not_start(one)
  return one.status == "created" or one.exit == 127 or one.exit == 126
end

-- ---------------------------------------------------------------------------
local function has_share(one)
  for _, mount in ipairs(one.mounts) do
    if mount.type == "bind" and mount.source:find("/share/?$") then return true end
  end
  return false
end

-- -v with a word in place of a path: that is a volume of this name.
local function volume_of(one)
  for _, mount in ipairs(one.mounts) do
    if mount.type == "volume" then return mount.source end
  end
end

local function is_root(one)
  local user = one.user or ""
  return user == "" or user:find("^root") ~= nil or user:find("^0") ~= nil
end

-- It tried to write there, and was not allowed to: it said so, or, where it goes on and
-- somebody came in by `exec`, it still may not.
local function was_refused(w, one)
  if not one.running then
    return one.exit ~= 0 and one:log():find("ermission denied", 1, true) ~= nil
  end
  for _, mount in ipairs(one.mounts) do
    if mount.type == "bind" and w:has_typed("exec") then
      return select(2, one:run("test", "-w", mount.target)) == 1
    end
  end
  return false
end

-- Of the learner's containers with the folder in them, the newest that fits.
local function with_share(w, fits)
  for _, one in ipairs(w:containers()) do
    if has_share(one) and fits(one) then return one end
  end
end

step{ id = "root", points = 2,
  setup = function(w)
    w:write("share/readme.txt", "What lies here is on your machine.\n")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "made", after = "guess",
      check = function(w, c)
        local note = w:read("share/note.txt")
        local one = with_share(w, is_root)
        if one and note then return end
        local last = w:containers()[1]
        if w:ran_with("--rm") then
          c:fail("used_rm")
        elseif one and could_not_start(one) then
          c:fail("could_not_start", { name = one.name, program = one.args[1] or "" })
        elseif one then
          c:fail("no_note", { name = one.name })
        elseif last and volume_of(last) then
          c:fail("volume", { name = last.name })
        elseif last then
          c:fail("not_mounted", { name = last.name })
        else
          c:fail(note and "on_host" or "none")
        end
      end },
    answer{ id = "owner", points = 0, after = "made", choices = 3, right = 2 },
    custom{ id = "refused", only_if = "ids", after = "owner",
      check = function(w, c)
        local one = with_share(w, function(one) return not is_root(one) end)
        if not one then
          c:fail(w:ran_with("--rm") and "used_rm" or "still_root")
        elseif could_not_start(one) then
          c:fail("could_not_start", { name = one.name, program = one.args[1] or "" })
        elseif not was_refused(w, one) then
          local key = one.exit ~= 0 and "not_refused" or "allowed"
          c:fail(w:read("share/two") and "two_is_there" or key,
                 { name = one.name, code = one.exit })
        end
      end },
    answer{ id = "refused_one", unless = "ids", after = "owner", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
      w:type("ls -ln share")
      w:type("answer 2")
      w:type("run --name guest -u nobody -v $PWD/share:/share busybox touch /share/two")
      if not has("ids") then w:type("answer 3") end
    end,
    function(w) -- other names, the long option, an id
      w:type("answer 3")
      w:type("docker run --name one --volume $PWD/share:/mnt busybox cp /etc/passwd /mnt/note.txt")
      w:type("answer 2")
      w:type("docker run --name two --user 1000 -v $PWD/share:/mnt busybox rm /mnt/note.txt")
      if not has("ids") then w:type("answer 3") end
    end,
    has("ids") and function(w) -- one that goes on, and somebody comes in
      w:type("answer 2")
      w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
      w:type("answer 2")
      w:type("run -d --name guest -u nobody -v $PWD/share:/share busybox sleep 600")
      w:type("exec guest touch /share/two")
    end or nil,
  },
  wrong = {
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm -v $PWD/share:/share busybox touch /share/note.txt")
      end,
      expect = { goal = "made", message = "used_rm" } },
    { name = "the folder is not let in",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box busybox touch /note.txt")
      end,
      expect = { goal = "made", message = "not_mounted" } },
    { name = "a word in place of a path",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v share:/share busybox touch /share/note.txt")
      end,
      expect = { goal = "made", message = "volume" } },
    { name = "made outside",
      run = function(w)
        w:type("answer 1")
        w:type("touch share/note.txt")
      end,
      expect = { goal = "made", message = "on_host" } },
    { name = "made beside the folder",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox touch /note.txt")
      end,
      expect = { goal = "made", message = "no_note" } },
    { name = "no such program",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox tuch /share/note.txt")
      end,
      expect = { goal = "made", message = "could_not_start" } },
    { name = "taken for nobody",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
        w:type("answer 3")
      end,
      expect = { goal = "owner", message = "wrong" } },
    has("ids") and { name = "root once more",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
        w:type("answer 2")
        w:type("run --name guest -u root -v $PWD/share:/share busybox touch /share/two")
      end,
      expect = { goal = "refused", message = "still_root" } } or
    { name = "expected that it writes",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
        w:type("answer 2")
        w:type("answer 1")
      end,
      expect = { goal = "refused_one", message = "wrong" } },
    has("ids") and { name = "it failed, and not for want of a right",
      run = function(w)
        w:type("answer 1")
        w:type("run --name box -v $PWD/share:/share busybox touch /share/note.txt")
        w:type("answer 2")
        w:type("run --name guest -u nobody -v $PWD/share:/share busybox touch /shar/two")
      end,
      expect = { goal = "refused", message = "not_refused" } } or nil,
  },
}

-- ---------------------------------------------------------------------------
-- Somebody else's image: the folder that it was built from is not here.
step{ id = "secret", points = 3,
  setup = function(w)
    w:copy("files/vault", "vault")
    w:write("vault/password.txt", "%{password}\n")
    w:type("build -q --build-arg DOOR=%{door} -t vault vault")
    w:remove("vault")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    answer{ id = "password", points = 2, after = "guess", right = "%{password}" },
    answer{ id = "door", after = "password", right = { "%{door}", "DOOR=%{door}" } },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("whose --all vault")
      w:type("whose --show vault:/vault/password.txt", "%{password}")
      w:type("answer %{password}")
      w:type("history vault", "%{door}")
      w:type("answer %{door}")
    end,
    function(w) -- with Docker's means alone
      w:type("answer 3")
      w:type("docker save -o vault.tar vault")
      w:type("mkdir parts")
      w:type("tar -xf vault.tar -C parts")
      w:type("grep -a -r -o %{password} parts", "%{password}")
      w:type("answer %{password}")
      w:type("docker history --no-trunc vault")
      w:type("answer %{door}")
    end,
    function(w) -- the image as it was one step earlier
      w:type("answer 2")
      local steps = w:image("vault"):history()
      for i, one in ipairs(steps) do
        if one.text:find("COPY", 1, true) then
          w:type("run --rm " .. one.id .. " cat password.txt", "%{password}")
        end
      end
      w:type("answer %{password}")
      w:type("answer %{door}")
    end,
  },
  wrong = {
    { name = "the file's name in place of what is in it",
      run = function(w)
        w:type("answer 3")
        w:type("answer password.txt")
      end,
      expect = { goal = "password", message = "wrong" } },
    { name = "the same word twice",
      run = function(w)
        w:type("answer 3")
        w:type("answer %{password}")
        w:type("answer %{password}")
      end,
      expect = { goal = "door", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local STAGES = "FROM busybox AS desk\nWORKDIR /app\nCOPY . .\nRUN sh seal.sh\n\n" ..
               "FROM busybox\nWORKDIR /app\nCOPY --from=desk /app/sealed.txt .\n" ..
               "CMD [\"cat\", \"sealed.txt\"]\n"

-- Why there is no image letter:2.
local function not_built(w, c)
  local build = w:built()
  if not build or build.number < 1 then return c:fail("no_build") end
  if not build.ok then return c:fail("failed", { line = build:failed() }) end
  local image = w:image(build.image)
  if not image or not image.tags[1] then return c:fail("no_name") end
  c:fail("other_name", { name = image.tags[1] })
end

local function sealed(w)
  local old = w:image("letter:1")
  return old and old:file("/app/sealed.txt")
end

step{ id = "clean", points = 4,
  setup = function(w)
    w:copy("files/letter", "letter")
    w:write("letter/stamp.txt", "%{stamp}\n")
    w:type("build -q -t letter:1 letter")
  end,
  goals = {
    custom{ id = "sealed", hold = true,
      check = function(w, c)
        local image = w:image("letter:2")
        if not image then return not_built(w, c) end
        local text = image:file("/app/sealed.txt")
        if not text then return c:fail("no_sealed") end
        if text ~= (sealed(w) or text) then c:fail("bad_seal") end
      end },
    custom{ id = "clean", points = 3, after = "sealed",
      check = function(w, c)
        local image = w:image("letter:2")
        if not image then return not_built(w, c) end
        local stamp = tostring(var.stamp)
        local found = image:find(stamp)[1]
        if found then
          local layer, path = found:match("^(%d+) (.*)$")
          local key = image:stat(path) and "in_layer" or "deleted"
          return c:fail(key, { layer = layer, path = path })
        end
        for _, one in ipairs(image:history()) do
          if one.text:find(stamp, 1, true) then
            return c:fail("in_history", { line = one.text })
          end
        end
        for name, value in pairs(image.env) do
          if value:find(stamp, 1, true) then return c:fail("in_env", { name = name }) end
        end
        for name, value in pairs(image.labels) do
          if value:find(stamp, 1, true) then return c:fail("in_env", { name = name }) end
        end
      end },
  },
  solve = {
    function(w)
      w:write("letter/Dockerfile", STAGES)
      w:type("build -t letter:2 letter")
      w:type("whose --all letter:2")
    end,
    function(w) -- by number, another folder in the first stage
      w:write("letter/Dockerfile", "FROM busybox\nCOPY . /desk/\nRUN cd /desk && sh seal.sh\n" ..
              "FROM busybox\nCOPY --from=0 /desk/sealed.txt /app/sealed.txt\n")
      w:type("docker build -t letter:2 letter")
    end,
    function(w) -- sealed before it is built, and the stamp not sent
      w:type("cd letter")
      w:type("sh seal.sh")
      w:type("cd ..")
      w:write("letter/.dockerignore", "stamp.txt\n")
      w:write("letter/Dockerfile", "FROM busybox\nWORKDIR /app\nCOPY . .\n")
      w:type("build -t letter:2 letter")
    end,
  },
  wrong = {
    { name = "as it was",
      run = function(w) w:type("build -t letter:2 letter") end,
      expect = { goal = "clean", message = "deleted" } },
    { name = "sealed and deleted in one RUN",
      run = function(w)
        w:write("letter/Dockerfile", "FROM busybox\nWORKDIR /app\nCOPY . .\n" ..
                "RUN sh seal.sh && rm stamp.txt\nCMD [\"cat\", \"sealed.txt\"]\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "clean", message = "deleted" } },
    { name = "the whole folder comes from the first stage",
      run = function(w)
        w:write("letter/Dockerfile", "FROM busybox AS desk\nWORKDIR /app\nCOPY . .\n" ..
                "RUN sh seal.sh\nFROM busybox\nCOPY --from=desk /app /app\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "clean", message = "in_layer" } },
    { name = "by a build argument",
      run = function(w)
        w:write("letter/.dockerignore", "stamp.txt\n")
        w:write("letter/Dockerfile", "FROM busybox\nARG STAMP\nWORKDIR /app\nCOPY . .\n" ..
                "RUN cat letter.txt > sealed.txt && (cat letter.txt; echo $STAMP) | " ..
                "md5sum >> sealed.txt\n")
        w:type("build --build-arg STAMP=%{stamp} -t letter:2 letter")
      end,
      expect = { goal = "clean", message = "in_history" } },
    { name = "the stamp is left out",
      run = function(w)
        w:write("letter/.dockerignore", "stamp.txt\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "sealed", message = "failed" } },
    { name = "sealed with an empty stamp",
      run = function(w)
        w:write("letter/stamp.txt", "\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "sealed", message = "bad_seal" } },
    { name = "the second stage takes nothing over",
      run = function(w)
        w:write("letter/Dockerfile", "FROM busybox AS desk\nWORKDIR /app\nCOPY . .\n" ..
                "RUN sh seal.sh\nFROM busybox\nCMD [\"cat\", \"sealed.txt\"]\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "sealed", message = "no_sealed" } },
    { name = "built well, then without the letter",
      run = function(w)
        w:write("letter/Dockerfile", STAGES)
        w:type("build -t letter:2 letter")
        w:write("letter/Dockerfile", "FROM busybox\n")
        w:type("build -t letter:2 letter")
      end,
      expect = { goal = "sealed", message = "no_sealed" } },
    { name = "the old tag",
      run = function(w)
        w:write("letter/Dockerfile", STAGES)
        w:type("build -t letter letter")
      end,
      expect = { goal = "sealed", message = "other_name" } },
    { name = "not built",
      run = function(w) w:write("letter/Dockerfile", STAGES) end,
      expect = { goal = "sealed", message = "no_build" } },
  },
}

-- ---------------------------------------------------------------------------
-- Limits. Where no cgroup can be made, -m is a limit of the process itself: it is told
-- that there is no more, and nobody is killed for it.
local WANTS = "busybox dd if=/dev/zero of=/dev/null bs=100M count=1"

local function newest(w, fits)
  for _, one in ipairs(w:containers()) do
    if not one.running and fits(one) then return one end
  end
end

local function wants_much(one)
  return one.args[1] == "dd" or one.args[1] == "tail"
end

local function limited(one) return (one.memory or 0) > 0 end

-- "The same program" is the same line of words. Where the first container is gone, only
-- the limit tells: below 100 MB that program would not have ended well.
local function as_hungry(w, one)
  local line = table.concat(one.args, " ")
  local first
  for _, other in ipairs(w:containers()) do
    if wants_much(other) and limited(other) and other.exit ~= 0 then
      if table.concat(other.args, " ") == line then return true end
      first = other
    end
  end
  return not first and one.memory >= 100 * 1024 * 1024
end

-- The first container of this step, which had to be stopped by its limit.
local function first_one(w, c, fits)
  if newest(w, fits) then return end
  local last = newest(w, wants_much)
  if not last then
    c:fail(w:ran_with("--rm") and "used_rm" or "none")
  elseif could_not_start(last) then
    c:fail("could_not_start", { name = last.name, program = last.args[1] or "" })
  elseif not limited(last) then
    c:fail("no_limit", { name = last.name })
  elseif last.exit == 0 then
    c:fail("enough", { name = last.name })
  else
    c:fail("other_end", { name = last.name, code = last.exit })
  end
end

-- A container that somebody killed: the same number, and no want of memory.
local function killed(w, c)
  local one = newest(w, function(one) return one.exit == 137 and not one.oom end)
  if one then return end
  for _, other in ipairs(w:containers()) do
    if other.running then return c:fail("still_running", { name = other.name }) end
    if wants_much(other) then break end
    return c:fail("not_killed", { name = other.name, code = other.exit })
  end
  c:fail(w:ran_with("--rm") and "used_rm" or "none_killed")
end

local function fed(w, c)
  local ended_well = function(one) return wants_much(one) and one.exit == 0 end
  local one = newest(w, function(one)
    return ended_well(one) and limited(one) and as_hungry(w, one)
  end)
  if one then return end
  one = newest(w, ended_well)
  if one and limited(one) then return c:fail("wants_less", { name = one.name }) end
  if one then
    c:fail("unlimited", { name = one.name })
  else
    local last = w:containers()[1]
    local hungry = last and wants_much(last) and "still_hungry" or "not_fed"
    c:fail(w:ran_with("--rm") and "used_rm" or hungry)
  end
end

local function is_oom(one) return one.exit == 137 and one.oom end
local function is_told(one)
  return wants_much(one) and limited(one) and one.exit ~= 0 and not could_not_start(one)
end

local function by_number(w)
  w:type("answer 3")
  w:type("run --name hog -m 20m " .. WANTS)
  w:type("why hog")
  w:type("run -d --name calm busybox sleep 600")
  w:type("kill calm")
  w:type("why calm")
  w:type("run --name fed -m 200m " .. WANTS)
end

local function other_ways(w)
  w:type("answer 1")
  w:type("docker run --memory 16m --name big " .. WANTS)
  w:type("docker run -d --name slow busybox tail -f /dev/null")
  w:type("docker stop -t 0 slow")
  w:type("docker run --memory 300m --name big2 " .. WANTS)
end

local function wrong_ways(first)
  return {
    { name = "no limit",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog " .. WANTS)
      end,
      expect = { goal = first, message = "no_limit" } },
    { name = "a limit that is enough",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 200m " .. WANTS)
      end,
      expect = { goal = first, message = "enough" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm --name hog -m 20m " .. WANTS)
      end,
      expect = { goal = first, message = "used_rm" } },
    { name = "the other one goes on",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run -d --name calm busybox sleep 600")
      end,
      expect = { goal = "killed", message = "still_running" } },
    { name = "only the first one",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
      end,
      expect = { goal = "killed", message = "none_killed" } },
    { name = "it ends by itself",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run --name calm busybox sleep 0")
      end,
      expect = { goal = "killed", message = "not_killed" } },
    { name = "both are done, and the first one is not mended",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run -d --name calm busybox sleep 600")
        w:type("kill calm")
        w:type("wait calm")
      end,
      expect = { goal = "fed", message = "not_fed" } },
    { name = "the limit taken away altogether",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run -d --name calm busybox sleep 600")
        w:type("kill calm")
        w:type("wait calm")
        w:type("run --name fed " .. WANTS)
      end,
      expect = { goal = "fed", message = "unlimited" } },
    { name = "a program that wants less",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run -d --name calm busybox sleep 600")
        w:type("kill calm")
        w:type("wait calm")
        w:type("run --name fed -m 20m busybox dd if=/dev/zero of=/dev/null bs=1M count=1")
      end,
      expect = { goal = "fed", message = "wants_less" } },
    { name = "hardly more",
      run = function(w)
        w:type("answer 1")
        w:type("run --name hog -m 20m " .. WANTS)
        w:type("run -d --name calm busybox sleep 600")
        w:type("kill calm")
        w:type("wait calm")
        w:type("run --name fed -m 30m " .. WANTS)
      end,
      expect = { goal = "fed", message = "still_hungry" } },
  }
end

step{ id = "limit", only_if = "memory", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "oom", after = "guess",
      check = function(w, c) first_one(w, c, is_oom) end },
    custom{ id = "killed", after = "oom", check = killed },
    custom{ id = "fed", after = "killed", check = fed },
  },
  solve = { by_number, other_ways },
  wrong = wrong_ways("oom"),
}

step{ id = "limit_here", unless = "memory", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "told", after = "guess",
      check = function(w, c) first_one(w, c, is_told) end },
    custom{ id = "killed", after = "told", check = killed },
    custom{ id = "fed", after = "killed", check = fed },
  },
  solve = { by_number, other_ways },
  wrong = wrong_ways("told"),
}
