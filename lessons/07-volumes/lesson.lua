-- Lesson 7: volumes and bind mounts lie beside the layers. What is written there
-- outlives the container, and nothing of it is ever copied up.
--
-- No command needs quotes, `;` or `>`; files are made by touch and dd, inside.

lesson{ format = 1, id = "volumes", needs = {}, minutes = 20, points = 12 }

local function mount_at(box, target)
  for _, mount in ipairs(box.mounts) do
    if mount.target:gsub("/$", "") == target then return mount end
  end
end

local function has_volume(box, name)
  for _, mount in ipairs(box.mounts) do
    if mount.source == name then return true end
  end
  return false
end

-- A container that was not removed at once has had the volume.
local function wrote_by_another(w)
  for _, line in ipairs(w:typed()) do
    if line:find("run ", 1, true) and line:find("diary[:,]") and
       not line:find(" --rm ", 1, true) then
      return true
    end
  end
  return false
end

-- ---------------------------------------------------------------------------
step{ id = "outlive", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    volume{ id = "kept", points = 2, after = "guess", name = "diary", path = "/monday",
      survives = "writer",
      diagnose = function(w, c)
        local writer = w:container("writer")
        if not w:volume("diary") then
          if writer and #writer.mounts == 0 then return c:fail("no_volume") end
          local first = writer and writer.mounts[1]
          if first and (first.anonymous or first.type == "bind") then
            return c:fail(first.anonymous and "no_name" or "own_folder")
          end
          for _, mount in ipairs(writer and writer.mounts or {}) do
            if mount.type == "volume" and not mount.anonymous then
              return c:fail("other_name", { name = mount.source })
            end
          end
          return
        end
        local mount = writer and mount_at(writer, "/data")
        if writer and #writer.mounts > 0 and not mount then
          return c:fail("other_place", { path = writer.mounts[1].target })
        end
        if not writer and not w:saw("container", "writer") then
          if wrote_by_another(w) then
            c:fail("other_writer")
          elseif w:ran_with("--rm") then
            c:fail("used_rm")
          end
        end
      end },
    custom{ id = "read", after = "kept",
      check = function(w, c)
        for _, box in ipairs(w:containers()) do
          if box.name ~= "writer" and has_volume(box, "diary") and box.exit == 0 then return end
        end
        -- Gone with --rm: the line is all that is left of it.
        for _, done in ipairs(w:lines()) do
          if done.status == 0 and done.line:find("run ", 1, true) and
             done.line:find("diary[:,]") and not done.line:find("writer", 1, true) then
            return
          end
        end
        c:fail("not_read")
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name writer -v diary:/data busybox touch /data/monday")
      w:type("rm writer")
      w:type("run --rm -v diary:/data busybox ls /data")
    end,
    function(w) -- made before, and mounted the long way
      w:type("answer 3")
      w:type("docker volume create diary")
      w:type("docker run --name writer --mount type=volume,source=diary,target=/data " ..
             "busybox touch /data/monday")
      w:type("docker container rm writer")
      w:type("docker run -v diary:/somewhere busybox ls /somewhere")
    end,
  },
  wrong = {
    { name = "without a volume",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer busybox touch /monday")
      end,
      expect = { goal = "kept", message = "no_volume" } },
    { name = "another volume",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v dairy:/data busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "other_name" } },
    { name = "a volume without a name",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v /data busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "no_name" } },
    { name = "a folder of the learner's",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v $PWD/diary:/data busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "own_folder" } },
    { name = "the volume is there, the file went elsewhere",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v diary:/data busybox touch monday")
      end,
      expect = { goal = "kept", message = "missing" } },
    { name = "another folder",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v diary:/date busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "other_place" } },
    { name = "not removed",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v diary:/data busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "container_there" } },
    { name = "written by a container of another name",
      run = function(w)
        w:type("answer 1")
        w:type("run --name pen -v diary:/data busybox touch /data/monday")
        w:type("rm pen")
        w:type("run --rm -v diary:/data busybox ls /data")
      end,
      expect = { goal = "kept", message = "other_writer" } },
    { name = "removed before anybody saw it",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm --name writer -v diary:/data busybox touch /data/monday")
      end,
      expect = { goal = "kept", message = "used_rm" } },
    { name = "nobody has looked",
      run = function(w)
        w:type("answer 1")
        w:type("run --name writer -v diary:/data busybox touch /data/monday")
        w:type("rm writer")
      end,
      expect = { goal = "read", message = "not_read" } },
  },
}

-- ---------------------------------------------------------------------------
-- The container over whose /etc a folder of the learner's lies.
local function bound(w)
  for _, box in ipairs(w:containers()) do
    local mount = mount_at(box, "/etc")
    if mount and mount.type == "bind" and box.status == "exited" and box.exit == 0 then
      return box
    end
  end
end

step{ id = "first", points = 3,
  setup = function(w) w:type("mkdir -p empty") end,
  show = function(w)
    local box = bound(w)
    return { bare = box and box.name or "bare" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    volume{ id = "copied", after = "guess", name = "conf", path = "/passwd", has = "root" },
    custom{ id = "bound", after = "copied",
      check = function(w, c)
        if bound(w) then return end
        if w:volume("empty") then return c:fail("a_volume") end
        local run = w:last_run() or ""
        if w:ran_with("--rm") and run:find(":/etc ", 1, true) and
           run:find("/empty", 1, true) then
          return c:fail("used_rm")
        end
        c:fail("none_yet")
      end },
    answer{ id = "where", after = "bound", choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:type("run --rm -v conf:/etc busybox ls /etc")
      w:type("run --name bare -v $PWD/empty:/etc busybox ls /etc")
      w:type("answer 2")
    end,
    function(w)
      w:type("answer 1")
      w:type("docker run --mount source=conf,target=/etc busybox true")
      w:type("docker run --mount type=bind,source=$PWD/empty,target=/etc busybox ls -a /etc")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "the volume elsewhere",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm -v conf:/tmp busybox ls /tmp")
      end,
      expect = { goal = "copied", message = "missing" } },
    { name = "a name where a path was meant",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm -v conf:/etc busybox ls /etc")
        w:type("run --name bare -v empty:/etc busybox ls /etc")
      end,
      expect = { goal = "bound", message = "a_volume" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm -v conf:/etc busybox ls /etc")
        w:type("run --rm -v $PWD/empty:/etc busybox ls /etc")
      end,
      expect = { goal = "bound", message = "used_rm" } },
    { name = "the files are taken for deleted",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm -v conf:/etc busybox ls /etc")
        w:type("run --name bare -v $PWD/empty:/etc busybox ls /etc")
        w:type("answer 1")
      end,
      expect = { goal = "where", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "log", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    volume{ id = "written", after = "guess", name = "logs", path = "/log",
      diagnose = function(w, c)
        local loud = w:container("loud")
        if not loud then return end
        if #loud.mounts == 0 then return c:fail("no_volume") end
        local mount = mount_at(loud, "/tmp")
        if not mount then
          return c:fail("other_place", { path = loud.mounts[1].target })
        end
        if mount.type == "bind" then return c:fail("own_folder") end
        if mount.source == "logs" then c:fail("beside") end
      end },
    diff{ id = "clean", points = 2, after = "written", container = "loud", empty = true },
    answer{ id = "lines", points = 0, after = "clean", right = 0 },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("run --name loud -v logs:/tmp busybox dd if=/dev/zero of=/tmp/log bs=1M count=20")
      w:type("diff loud")
      w:type("ps -a -s")
      w:type("answer 0")
    end,
    function(w)
      w:type("answer 1")
      w:type("docker run --name loud --mount src=logs,dst=/tmp busybox cp /bin/busybox /tmp/log")
      w:type("answer 0")
    end,
  },
  wrong = {
    { name = "without a volume",
      run = function(w)
        w:type("answer 1")
        w:type("run --name loud busybox touch /tmp/log")
      end,
      expect = { goal = "written", message = "no_volume" } },
    { name = "the volume beside the log",
      run = function(w)
        w:type("answer 1")
        w:type("run --name loud -v logs:/log busybox touch /tmp/log")
      end,
      expect = { goal = "written", message = "other_place" } },
    { name = "a folder of the machine's",
      run = function(w)
        w:type("answer 1")
        w:type("run --name loud -v $PWD/logs:/tmp busybox touch /tmp/log")
      end,
      expect = { goal = "written", message = "own_folder" } },
    { name = "the file beside the volume",
      run = function(w)
        w:type("answer 1")
        w:type("run --name loud -v logs:/tmp busybox touch log")
      end,
      expect = { goal = "written", message = "beside" } },
    { name = "something else outside the volume",
      run = function(w)
        w:type("answer 1")
        w:type("run --name loud -v logs:/tmp busybox touch /tmp/log /etc/log")
      end,
      expect = { goal = "clean", message = "not_empty" } },
    { name = "guessed, not looked",
      run = function(w)
        w:type("answer 3")
        w:type("run --name loud -v logs:/tmp busybox touch /tmp/log")
        w:type("answer 2")
      end,
      expect = { goal = "lines", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The lab's figures, in milliseconds, for the text.
local function figures(w)
  local function of(name)
    local one = w:measured(name)
    return one and string.format("%.3f", one.median / 1e6) or "?"
  end
  return { first = of("copy-up 100"), second = of("second open 100"),
           volume = of("volume open 100") }
end

step{ id = "cost", points = 3, show = figures,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    measure{ id = "first", after = "guess", more = "copy-up 100", less = "volume open 100",
      times = 5 },
    measure{ id = "second", after = "guess", more = "copy-up 100", less = "second open 100",
      times = 5 },
    answer{ id = "when", after = { "first", "second" }, choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("cow --lab")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "only guessed",
      run = function(w) w:type("answer 2") end,
      expect = { goal = "first", message = "not_measured" } },
    { name = "another file measured",
      run = function(w)
        w:type("answer 1")
        w:type("cow busybox:/bin/busybox")
      end,
      expect = { goal = "first", message = "not_measured" } },
    { name = "as one often reads",
      run = function(w)
        w:type("answer 1")
        w:type("cow --lab")
        w:type("answer 1")
      end,
      expect = { goal = "when", message = "wrong" } },
  },
}
