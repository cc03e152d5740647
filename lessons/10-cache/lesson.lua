-- Lesson 10: what a build looks at before it does a step again. The first step
-- that finds something new, and all that come after it, are done anew; so the order
-- of the lines decides, and so does what is in the folder.
--
-- What counts is which steps of the last build came from the cache, and that the
-- image holds what the folder holds: how the lines are written is free.

lesson{ format = 1, id = "cache", needs = {}, minutes = 20, points = 14 }

local INSTALL = "RUN sh install.sh"
local LOG_END = "line 20000 of the log\n"

-- How long the builds of this step took: the first, the longest, the last.
local function times(w)
  local first, most, last
  for _, done in ipairs(w:lines()) do
    if done.status == 0 and (" " .. done.line .. " "):find(" build ", 1, true) then
      first = first or done.ms
      most = math.max(most or 0, done.ms)
      last = done.ms
    end
  end
  return { first_ms = first or "?", most_ms = most or "?", last_ms = last or "?" }
end

-- The last build, if it was in this step.
local function built(w)
  local build = w:built()
  return build and build.number >= 1 and build or nil
end

-- ---------------------------------------------------------------------------
step{ id = "again", points = 3, show = times,
  setup = function(w) w:copy("files/app", "app") end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "built", after = "guess", tag = "app", base = "busybox",
      diagnose = function(w, c)
        local build = built(w)
        if not w:image("app") and build and build.ok then
          local image = w:image(build.image)
          if not image or not image.tags[1] then return c:fail("no_name") end
          c:fail("other_name", { name = image.tags[1] })
        end
      end },
    cache{ id = "twice", after = "built", step = INSTALL, hit = true, builds = 2 },
    answer{ id = "touch", after = "twice", choices = 2, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t app app")
      w:type("build -t app app")
      w:type("touch app/app.sh")
      w:type("build -t app app")
      w:type("answer 2")
    end,
    function(w)
      w:type("answer 2")
      w:type("cd app")
      w:type("docker build -t app:latest .")
      w:type("docker build -t app:2 .")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "built once",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app app")
      end,
      expect = { goal = "twice", message = "few_builds" } },
    { name = "told not to use the cache",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app app")
        w:type("build --no-cache -t app app")
      end,
      expect = { goal = "twice", message = "missed" } },
    { name = "no name at all",
      run = function(w)
        w:type("answer 1")
        w:type("build app")
      end,
      expect = { goal = "built", message = "no_name" } },
    { name = "another name, and the date taken for a change",
      run = function(w)
        w:type("answer 1")
        w:type("build -t ap app")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "edit", points = 3, show = times,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    -- Anew because of a file: what stands before COPY comes from the cache.
    custom{ id = "anew", points = 2, after = "guess",
      check = function(w, c)
        local build = built(w)
        if not build then return c:fail("no_build") end
        if not build.ok then return c:fail("failed") end
        local first, copy = build:step("WORKDIR"), build:step("COPY")
        if not first or not first.hit then return c:fail("all_anew") end
        if not copy or copy.hit then return c:fail("same") end
      end },
    answer{ id = "first", after = "anew", choices = 4, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:edit("app/app.sh", "version 1", "version 2")
      w:type("build -t app app")
      w:type("answer 2")
    end,
    function(w) -- a file more is a change too
      w:type("answer 3")
      w:write("app/notes.txt", "buy milk\n")
      w:type("build --explain -t app app")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "nothing was changed",
      run = function(w)
        w:type("answer 1")
        w:type("build -t app app")
      end,
      expect = { goal = "anew", message = "same" } },
    { name = "told not to use the cache",
      run = function(w)
        w:type("answer 1")
        w:type("build --no-cache -t app app")
      end,
      expect = { goal = "anew", message = "all_anew" } },
    { name = "changed, and not built",
      run = function(w)
        w:type("answer 1")
        w:edit("app/app.sh", "version 1", "version 2")
      end,
      expect = { goal = "anew", message = "no_build" } },
    { name = "the one that takes long is taken for the first",
      run = function(w)
        w:type("answer 1")
        w:edit("app/app.sh", "version 1", "version 2")
        w:type("build -t app app")
        w:type("answer 3")
      end,
      expect = { goal = "first", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local ORDERED = "FROM busybox\nWORKDIR /app\nCOPY packages.txt install.sh ./\n" ..
                "RUN sh install.sh\nCOPY . .\nCMD [\"sh\", \"app.sh\"]\n"

local function any_copy_missed(build)
  for _, step in ipairs(build.steps) do
    if (step.text:find("^COPY") or step.text:find("^ADD")) and not step.hit then return true end
  end
  return false
end

local function install_step(build)
  for _, step in ipairs(build.steps) do
    if step.text:find("^RUN") and step.text:find("install.sh", 1, true) then return step end
  end
end

-- Whether app.sh is there already when the install step is done: then each change of it
-- begins before that.
local function app_comes_first(w, install)
  local image = install.image and w:image(install.image)
  return image ~= nil and image:stat("/app/app.sh") ~= nil
end

step{ id = "order", points = 4, show = times,
  goals = {
    custom{ id = "kept", points = 4,
      check = function(w, c)
        local build = built(w)
        if not build then return c:fail("no_build") end
        if not build.ok then return c:fail("failed") end
        local install = install_step(build)
        if not install then return c:fail("no_install") end
        local image = w:image(build.image)
        if image:file("/app/app.sh") ~= w:read("app/app.sh") then
          return c:fail(any_copy_missed(build) and "no_app" or "not_in")
        end
        if app_comes_first(w, install) then return c:fail("app_first") end
        if not install.hit then return c:fail("now_change") end
        if not any_copy_missed(build) then return c:fail("same") end
      end },
  },
  solve = {
    function(w)
      w:write("app/Dockerfile", ORDERED)
      w:type("build -t app app")
      w:edit("app/app.sh", "Hello", "Good morning")
      w:type("build -t app app")
    end,
    function(w) -- each file by itself, other names for what is there
      w:write("app/Dockerfile", "FROM busybox\nWORKDIR /app\nADD i[a-z]*.sh .\n" ..
              "COPY *.txt /app/\nRUN sh ./install.sh\nCOPY app.sh .\n" ..
              "CMD sh app.sh\n")
      w:type("docker build -t app:2 app")
      w:edit("app/app.sh", "Hello", "Hi")
      w:type("docker build -t app:3 app")
    end,
  },
  wrong = {
    { name = "the order as it was",
      run = function(w)
        w:edit("app/app.sh", "Hello", "Good morning")
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "app_first" } },
    { name = "app.sh gets in by a pattern",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nWORKDIR /app\nCOPY packages.txt *.sh ./\n" ..
                "RUN sh install.sh\nCMD [\"sh\", \"app.sh\"]\n")
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "app_first" } },
    { name = "RUN before there is anything",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nWORKDIR /app\nRUN sh install.sh\nCOPY . .\n" ..
                "CMD [\"sh\", \"app.sh\"]\n")
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "failed" } },
    { name = "the app is left out",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nWORKDIR /app\n" ..
                "COPY packages.txt install.sh ./\nRUN sh install.sh\nCMD [\"sh\", \"app.sh\"]\n")
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "no_app" } },
    { name = "in the right order, built once",
      run = function(w)
        w:write("app/Dockerfile", ORDERED)
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "now_change" } },
    { name = "built twice, nothing changed in between",
      run = function(w)
        w:write("app/Dockerfile", ORDERED)
        w:type("build -t app app")
        w:type("build -t app app")
      end,
      expect = { goal = "kept", message = "same" } },
  },
}

-- ---------------------------------------------------------------------------
local function ignored(w, c)
  if not w:read("app/debug.log") then return c:fail("log_gone") end
  local build = built(w)
  if not build then return c:fail("no_build") end
  if not build.ok then return c:fail("failed") end
  local image = w:image(build.image)
  if image:file("/app/app.sh") == nil then return c:fail("too_much") end
  if not image:stat("/app/debug.log") then return end
  for _, path in ipairs{ ".dockerignore", "app/dockerignore", "app/.gitignore",
                         "app/.dockeringore", "dockerignore" } do
    if w:read(path) then return c:fail("misplaced", { path = path }) end
  end
  c:fail(w:read("app/.dockerignore") and "pattern" or "no_ignore")
end

step{ id = "context", points = 4, show = times,
  -- The whole folder is copied in again, so that the log gets in.
  setup = function(w)
    w:remove("app/.dockerignore")
    w:write("app/Dockerfile", ORDERED)
    w:type("seq 1 20000 | sed 's/.*/line & of the log/' > app/debug.log")
    w:type("build -q -t app app")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    custom{ id = "left_out", points = 2, after = "guess", check = ignored },
    custom{ id = "quiet", points = 2, after = "left_out",
      check = function(w, c)
        local log = w:read("app/debug.log")
        if not log then return c:fail("log_gone") end
        if log:sub(-#LOG_END) == LOG_END then return c:fail("log_same") end
        local build = built(w)
        if not build then return c:fail("no_build") end
        for _, step in ipairs(build.steps) do
          if not step.hit and not step.text:find("^FROM") then
            return c:fail("anew", { line = step.text })
          end
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("sent app")
      w:write("app/.dockerignore", "debug.log\n")
      w:type("build -t app app")
      w:type("echo one line more >> app/debug.log")
      w:type("build -t app app")
    end,
    function(w) -- another pattern, and the line comes first
      w:type("answer 1")
      w:type("date >> app/debug.log")
      w:write("app/.dockerignore", "# what changes by itself\n**/*.log\n.dockerignore\n")
      w:type("build -t app app")
      w:type("docker build -t app app")
    end,
  },
  wrong = {
    { name = "only a line more",
      run = function(w)
        w:type("answer 1")
        w:type("echo one line more >> app/debug.log")
        w:type("build -t app app")
      end,
      expect = { goal = "left_out", message = "no_ignore" } },
    { name = "beside the folder",
      run = function(w)
        w:type("answer 1")
        w:write(".dockerignore", "debug.log\n")
        w:type("build -t app app")
      end,
      expect = { goal = "left_out", message = "misplaced" } },
    { name = "the path as seen from here",
      run = function(w)
        w:type("answer 1")
        w:write("app/.dockerignore", "app/debug.log\n")
        w:type("build -t app app")
      end,
      expect = { goal = "left_out", message = "pattern" } },
    { name = "the log is deleted",
      run = function(w)
        w:type("answer 1")
        w:remove("app/debug.log")
        w:type("build -t app app")
      end,
      expect = { goal = "left_out", message = "log_gone" } },
    { name = "no line more",
      run = function(w)
        w:type("answer 1")
        w:write("app/.dockerignore", "*.log\n")
        w:type("build -t app app")
        w:type("build -t app app")
      end,
      expect = { goal = "quiet", message = "log_same" } },
    { name = "everything is left out",
      run = function(w)
        w:type("answer 1")
        w:write("app/.dockerignore", "*.log\napp.sh\n")
        w:type("build -t app app")
      end,
      expect = { goal = "left_out", message = "too_much" } },
  },
}
