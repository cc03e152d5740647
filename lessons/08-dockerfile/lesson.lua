-- Lesson 8: the first Dockerfile. It grows by one idea a step: FROM and CMD, then
-- WORKDIR and COPY, then RUN, then EXPOSE, then USER, until a page is served.
--
-- One file and one folder all the way; each step's image has a tag of its own, so
-- that the earlier ones stay to be compared with.

lesson{ format = 1, id = "dockerfile", needs = {}, minutes = 25, points = 15 }

var.token = token(6)
var.port = pick_port(8000, 8999)

local FILE = "site/Dockerfile"

-- ---- what typically went wrong ----

-- Names that an editor, a hurry or a habit gives to the file.
local function misplaced(w)
  for _, path in ipairs{ "Dockerfile", "site/dockerfile", "site/DockerFile",
                         "site/Dockerfile.txt", "site/Dockefile", "dockerfile" } do
    if w:read(path) then return path end
  end
end

-- Why there is no image `tag`.
local function not_built(w, c, tag)
  if w:image(tag) then return end
  local build = w:built()
  if build and build.number >= 1 then
    if not build.ok then return c:fail("build_failed", { line = build:failed() }) end
    local image = w:image(build.image)
    if image and image.tags[1] then
      return c:fail("other_name", { name = image.tags[1], tag = tag })
    end
    return c:fail("no_name", { tag = tag })
  end
  if not w:read(FILE) then
    local path = misplaced(w)
    if path then return c:fail("misplaced", { path = path }) end
    return c:fail("no_file")
  end
  if w:has_typed("build") then c:fail("build_refused") end
end

local function ends_with(list, tail)
  for i = 1, #tail do
    if list[#list - #tail + i] ~= tail[i] then return false end
  end
  return true
end

-- The image's CMD has run and ended with 0: its container is there, or it went with
-- --rm and the line that did it ended well. What stands behind the name is not the CMD.
local function has_run(w, tag)
  local image = w:image(tag)
  if not image then return false end
  for _, box in ipairs(w:containers()) do
    if box.image_id == image.id and box.status == "exited" and box.exit == 0 and
       ends_with(box.args, image.cmd) then
      return true
    end
  end
  for _, done in ipairs(w:lines()) do
    local words = " " .. done.line .. " "
    local _, behind = words:find(" " .. tag .. " ", 1, true)
    local alone = behind and (words:find("^%s*$", behind) or
                              words:find("^%s*[|;&>]", behind))
    if done.status == 0 and alone and words:find(" run ", 1, true) and
       words:find(" --rm ", 1, true) then
      return true
    end
  end
  return false
end

local function is_text(list, text) return table.concat(list, " "):find(text, 1, true) end

-- What the author writes, step by step.
local BODY = "FROM busybox\nWORKDIR /site\nCOPY index.html .\n"
local RUNS = "RUN cd /tmp\nRUN date > built.txt\nRUN seq 1 100000 > numbers.txt\n"
local SERVE = "CMD [\"httpd\", \"-f\", \"-p\", \"8080\"]\n"

-- ---------------------------------------------------------------------------
step{ id = "first", points = 3,
  setup = function(w)
    w:write("site/index.html", "<h1>My own page: %{token}</h1>\n")
  end,
  goals = {
    image{ id = "built", points = 2, tag = "site:1", base = "busybox",
      diagnose = function(w, c) not_built(w, c, "site:1") end },
    custom{ id = "ran", after = "built",
      check = function(w, c)
        local image = w:image("site:1")
        if not image then return c:fail("not_run") end
        local bare = image.cmd[1] == "sh" and #image.cmd == 1
        if not bare and has_run(w, "site:1") then return end
        -- What was built since has another name: that one is still as it was.
        local build = w:built()
        local newer = build and build.number >= 1 and build.ok and w:image(build.image)
        if newer and newer.id ~= image.id and newer.tags[1] then
          return c:fail("other_name", { name = newer.tags[1], tag = "site:1" })
        end
        if bare then return c:fail("no_cmd") end
        for _, box in ipairs(w:containers()) do
          if box.image_id == image.id and box.exit ~= 0 then
            if (image.cmd[3] or ""):find("^%s*%[") then return c:fail("bad_brackets") end
            return c:fail("bad_cmd", { program = box.args[1] or "" })
          end
        end
        c:fail("not_run")
      end },
  },
  solve = {
    function(w)
      w:write(FILE, "FROM busybox\nCMD [\"echo\", \"my first image\"]\n")
      w:type("build -t site:1 site")
      w:type("run site:1")
    end,
    function(w) -- the shell form, and from within the folder
      w:write(FILE, "from busybox:latest\ncmd echo $HOME sweet home\n")
      w:type("cd site")
      w:type("docker build --tag site:1 .")
      w:type("cd ..")
      w:type("docker run --rm site:1")
    end,
  },
  wrong = {
    { name = "built before anything was written",
      run = function(w) w:type("build -t site:1 site") end,
      expect = { goal = "built", message = "no_file" } },
    { name = "the Dockerfile beside the folder",
      run = function(w)
        w:write("Dockerfile", "FROM busybox\nCMD [\"echo\", \"hi\"]\n")
        w:type("build -t site:1 site")
      end,
      expect = { goal = "built", message = "misplaced" } },
    { name = "a word that Docker does not know",
      run = function(w)
        w:write(FILE, "FROM busybox\nECHO hi\n")
        w:type("build -t site:1 site")
      end,
      expect = { goal = "built", message = "build_refused" } },
    { name = "no tag",
      run = function(w)
        w:write(FILE, "FROM busybox\nCMD [\"echo\", \"hi\"]\n")
        w:type("build -t site site")
      end,
      expect = { goal = "built", message = "other_name" } },
    { name = "RUN in place of CMD",
      run = function(w)
        w:write(FILE, "FROM busybox\nRUN echo hi\n")
        w:type("build -t site:1 site")
        w:type("run site:1")
      end,
      expect = { goal = "ran", message = "no_cmd" } },
    { name = "one word in the brackets",
      run = function(w)
        w:write(FILE, "FROM busybox\nCMD [\"echo hi\"]\n")
        w:type("build -t site:1 site")
        w:type("run site:1")
      end,
      expect = { goal = "ran", message = "bad_cmd" } },
    { name = "the program behind the name, in place of the CMD",
      run = function(w)
        w:write(FILE, "FROM busybox\nCMD [\"echo hi\"]\n")
        w:type("build -t site:1 site")
        w:type("run site:1 echo hi")
        w:type("run --rm site:1 echo hi")
      end,
      expect = { goal = "ran", message = "not_run" } },
    { name = "a quote forgotten in the brackets",
      run = function(w)
        w:write(FILE, "FROM busybox\nCMD [\"echo, \"my first image\"]\n")
        w:type("build -t site:1 site")
        w:type("run site:1")
      end,
      expect = { goal = "ran", message = "bad_brackets" } },
    { name = "mended, and built under another name",
      run = function(w)
        w:write(FILE, "FROM busybox\nCMD [\"echo hi\"]\n")
        w:type("build -t site:1 site")
        w:type("run site:1")
        w:write(FILE, "FROM busybox\nCMD [\"echo\", \"hi\"]\n")
        w:type("build -t site site")
      end,
      expect = { goal = "ran", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
-- The folder around `site` was built, and there is no page in it.
local function built_other_folder(w)
  local build = w:built()
  return build and build.number >= 1 and not build.ok and
         build:failed():find("index.html", 1, true) and
         not w:read(FILE) and w:read("site/index.html")
end

step{ id = "copy", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    -- "/site/" is as good as "/site".
    custom{ id = "built", after = "guess",
      check = function(w, c)
        local image = w:image("site:2")
        if image and (image.workdir or ""):gsub("/$", "") == "/site" then return end
        local build = w:built()
        local failed = build and build.number >= 1 and not build.ok
        if failed and build:failed():find("site/index.html", 1, true) then
          return c:fail("from_here")
        end
        if built_other_folder(w) then return c:fail("other_folder") end
        if failed then return c:fail("build_failed", { line = build:failed() }) end
        if image then
          local folder = image.workdir or ""
          return c:fail("cwd", { folder = folder ~= "" and folder or "/" })
        end
        c:fail("none_yet")
        not_built(w, c, "site:2")
      end },
    file{ id = "page", points = 2, after = "built", image = "site:2",
      path = "/site/index.html", has = "%{token}",
      diagnose = function(w, c)
        local image = w:image("site:2")
        if not image then return end
        if image:history():index("COPY") == math.huge then return c:fail("no_copy") end
        if image:stat("/index.html") then c:fail("other_place", { path = "/index.html" }) end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:write(FILE, BODY .. "CMD [\"cat\", \"index.html\"]\n")
      w:type("build -t site:2 site")
      w:type("run --rm site:2")
    end,
    function(w) -- all of the folder, and ADD is fine too
      w:type("answer 2")
      w:write(FILE, "FROM busybox\nADD . /site/\nWORKDIR /site/\n")
      w:type("build -t site:2 site")
    end,
  },
  wrong = {
    { name = "the path as seen from where one is",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, "FROM busybox\nWORKDIR /site\nCOPY site/index.html .\n")
        w:type("build -t site:2 site")
      end,
      expect = { goal = "built", message = "from_here" } },
    { name = "the same, after an earlier attempt under that name",
      run = function(w)
        w:type("answer 1")
        w:type("tag busybox site:2")
        w:write(FILE, "FROM busybox\nWORKDIR /site\nCOPY site/index.html .\n")
        w:type("build -t site:2 site")
      end,
      expect = { goal = "built", message = "from_here" } },
    { name = "the Dockerfile beside the folder",
      run = function(w)
        w:type("answer 1")
        w:remove(FILE)
        w:write("Dockerfile", BODY)
        w:type("build -t site:2 site")
      end,
      expect = { goal = "built", message = "misplaced" } },
    { name = "the folder around it",
      run = function(w)
        w:type("answer 1")
        w:remove(FILE)
        w:write("Dockerfile", BODY)
        w:type("build -t site:2 .")
      end,
      expect = { goal = "built", message = "other_folder" } },
    { name = "COPY before WORKDIR",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, "FROM busybox\nCOPY index.html .\nWORKDIR /site\n")
        w:type("build -t site:2 site")
      end,
      expect = { goal = "page", message = "other_place" } },
    { name = "COPY forgotten",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, "FROM busybox\nWORKDIR /site\n")
        w:type("build -t site:2 site")
      end,
      expect = { goal = "page", message = "no_copy" } },
    { name = "WORKDIR forgotten",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, "FROM busybox\nCOPY index.html /site/\n")
        w:type("build -t site:2 site")
      end,
      expect = { goal = "built", message = "cwd" } },
    { name = "the old tag",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, "FROM busybox\nWORKDIR /site\nCOPY index.html .\n")
        w:type("build -t site:1 site")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
-- The times of the learner's own build, for the text.
local function times(w)
  local build = w:built()
  local function of(text, key)
    local step = build and build:step(text)
    return step and step[key] or "?"
  end
  return { copy_ms = of("COPY", "ms"), copy_bytes = of("COPY", "bytes"),
           seq_ms = of("seq ", "ms"), seq_bytes = of("seq ", "bytes"),
           cmd_ms = of("CMD", "ms"), cmd_bytes = of("CMD", "bytes") }
end

step{ id = "run", points = 3, show = times,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "built", after = "guess", tag = "site:3", base = "busybox",
      diagnose = function(w, c) not_built(w, c, "site:3") end },
    file{ id = "made", points = 2, after = "built", image = "site:3",
      path = "/site/built.txt", has = ":",
      diagnose = function(w, c)
        local image = w:image("site:3")
        if not image then return end
        if image:stat("/tmp/built.txt") then return c:fail("in_tmp") end
        if is_text(image.cmd, "date") then return c:fail("in_cmd") end
        local build = w:built()
        if build and build.number >= 1 and not build:step("date") then c:fail("as_before") end
      end },
    file{ id = "numbers", points = 0, after = "built", image = "site:3",
      path = "/site/numbers.txt", has = "100000" },
    answer{ id = "when", points = 0, after = { "made", "numbers" }, choices = 3, right = 1 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:write(FILE, BODY .. RUNS .. "CMD [\"cat\", \"built.txt\"]\n")
      w:type("build -t site:3 site")
      w:type("run --rm site:3 ls /site /tmp")
      w:type("answer 1")
    end,
    function(w) -- one RUN for both
      w:type("answer 2")
      w:write(FILE, BODY .. "RUN date > built.txt && seq 1 100000 > numbers.txt\n")
      w:type("build -t site:3 site")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "one RUN that does go to /tmp",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "RUN cd /tmp && date > built.txt\n")
        w:type("build -t site:3 site")
      end,
      expect = { goal = "made", message = "in_tmp" } },
    { name = "CMD in place of RUN",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "CMD date > built.txt\n")
        w:type("build -t site:3 site")
      end,
      expect = { goal = "made", message = "in_cmd" } },
    { name = "built, and nothing written before",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY)
        w:type("build -t site:3 site")
      end,
      expect = { goal = "made", message = "as_before" } },
    { name = "a program that is not there",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "RUN dat > built.txt\n")
        w:type("build -t site:3 site")
      end,
      expect = { goal = "built", message = "build_failed" } },
    { name = "guessed that it is made anew",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. RUNS)
        w:type("build -t site:3 site")
        w:type("answer 2")
      end,
      expect = { goal = "when", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- A container of the image whose server goes behind at once: it ends, or is about to.
local function goes_behind(w, tag)
  local image = w:image(tag)
  for _, box in ipairs(w:containers()) do
    if image and box.image_id == image.id then
      return is_text(box.args, "httpd") and not is_text(box.args, "-f")
    end
  end
  return false
end

step{ id = "serve", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    image{ id = "built", after = "guess", tag = "site:4", exposes = "8080/tcp",
      diagnose = function(w, c) not_built(w, c, "site:4") end },
    http{ id = "serves", points = 2, after = "built",
      url = "http://127.0.0.1:%{port}/", status = 200, body_has = "%{token}",
      diagnose = function(w, c)
        if goes_behind(w, "site:4") then return c:fail("went_behind") end
        local image = w:image("site:4")
        if image and not is_text(image.cmd, "httpd") then return c:fail("other_cmd") end
        for _, box in ipairs(w:containers()) do
          if image and box.image_id == image.id then return end
        end
        c:fail("not_started")
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:write(FILE, BODY .. RUNS .. "EXPOSE 8080\n" .. SERVE)
      w:type("build -t site:4 site")
      w:type("run -d -p %{port}:8080 --name web site:4")
    end,
    function(w) -- no name, the shell form, another order
      w:type("answer 3")
      w:write(FILE, "FROM busybox\nEXPOSE 8080/tcp\nCMD httpd -f -p 8080 -h /site\n" ..
              "WORKDIR /site\nCOPY . .\n")
      w:type("build -t site:4 site")
      w:type("docker run -d -p 127.0.0.1:%{port}:8080 site:4")
    end,
  },
  wrong = {
    { name = "EXPOSE forgotten",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. SERVE)
        w:type("build -t site:4 site")
      end,
      expect = { goal = "built", message = "exposes" } },
    { name = "-p forgotten",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "EXPOSE 8080\n" .. SERVE)
        w:type("build -t site:4 site")
        w:type("run -d --name web site:4")
      end,
      expect = { goal = "serves", message = "port_not_published" } },
    { name = "built, and not run yet",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "EXPOSE 8080\n" .. SERVE)
        w:type("build -t site:4 site")
      end,
      expect = { goal = "serves", message = "not_started" } },
    { name = "httpd without -f",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "EXPOSE 8080\nCMD [\"httpd\", \"-p\", \"8080\"]\n")
        w:type("build -t site:4 site")
        w:type("run -d -p %{port}:8080 --name web site:4")
      end,
      expect = { goal = "serves", message = "went_behind" } },
    { name = "the old CMD",
      run = function(w)
        w:type("answer 1")
        w:write(FILE, BODY .. "EXPOSE 8080\nCMD [\"cat\", \"index.html\"]\n")
        w:type("build -t site:4 site")
        w:type("run -d -p %{port}:8080 --name web site:4")
      end,
      expect = { goal = "serves", message = "other_cmd" } },
  },
}

-- ---------------------------------------------------------------------------
-- USER. Where the account has one id only, every process is root inside: there the
-- image still says who it wants to be, and is started as root on purpose.
local function image_user(w, c, tag)
  local build = w:built()
  if build and build.number >= 1 and not build.ok then
    local line = build:failed()
    if line:find("RUN ", 1, true) and (w:read(FILE) or ""):find("USER%s+%S+.*\n%s*RUN ") then
      return c:fail("too_early", { line = line })
    end
  end
  not_built(w, c, tag)
end

local function of_image(w, tag)
  local image = w:image(tag)
  for _, box in ipairs(w:containers()) do
    if image and box.image_id == image.id and box.running then return box end
  end
end

local function has_port(box)
  for _, port in ipairs(box.ports) do
    if port.host == math.tointeger(var.port) and port.port == 8080 then return true end
  end
  return false
end

-- Who has the port: a container of the step before, and in the end the new one.
local function holder(w)
  for _, box in ipairs(w:containers()) do
    if box.running and has_port(box) then return box end
  end
end

local function show_web(w)
  local box = holder(w)
  return { web = box and box.name or "web" }
end

step{ id = "user", only_if = "ids", points = 3, show = show_web,
  goals = {
    image{ id = "built", tag = "site:5", user = "nobody",
      diagnose = function(w, c) image_user(w, c, "site:5") end },
    custom{ id = "who", points = 2, after = "built", hold = true,
      check = function(w, c)
        local box = of_image(w, "site:5")
        if not box then
          local web = holder(w)
          if web then return c:fail("old_one", { name = web.name }) end
          return c:fail("none_runs")
        end
        if not has_port(box) then return c:fail("not_published", { name = box.name }) end
        local who = box:run("id", "-u") or ""
        if who:match("^%d+") == "0" then c:fail("is_root", { name = box.name }) end
      end },
  },
  solve = {
    function(w)
      w:write(FILE, BODY .. RUNS .. "USER nobody\nEXPOSE 8080\n" .. SERVE)
      w:type("build -t site:5 site")
      w:type("rm -f web")
      w:type("run -d -p %{port}:8080 --name web site:5")
    end,
    function(w) -- under another name, the old one only stopped
      w:write(FILE, BODY .. RUNS .. "EXPOSE 8080\n" .. SERVE .. "USER nobody\n")
      w:type("build -t site:5 site")
      w:type("stop -t 0 web")
      w:type("run -d -p %{port}:8080 --name web5 site:5")
    end,
  },
  wrong = {
    { name = "USER above the RUNs",
      run = function(w)
        w:write(FILE, BODY .. "USER nobody\nRUN date > built.txt\nEXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
      end,
      expect = { goal = "built", message = "too_early" } },
    { name = "the old container is left",
      run = function(w)
        w:write(FILE, BODY .. "USER nobody\nEXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
      end,
      expect = { goal = "who", message = "old_one" } },
    { name = "-p forgotten",
      run = function(w)
        w:write(FILE, BODY .. "USER nobody\nEXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
        w:type("run -d --name web5 site:5")
      end,
      expect = { goal = "who", message = "not_published" } },
    { name = "no USER",
      run = function(w)
        w:write(FILE, BODY .. "EXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
      end,
      expect = { goal = "built", message = "user" } },
  },
}

step{ id = "user_one", unless = "ids", points = 3, show = show_web,
  goals = {
    image{ id = "built", tag = "site:5", user = "nobody",
      diagnose = function(w, c) image_user(w, c, "site:5") end },
    custom{ id = "who", points = 2, after = "built", hold = true,
      check = function(w, c)
        local box = of_image(w, "site:5")
        if box and not has_port(box) then
          return c:fail("not_published", { name = box.name })
        end
        if box then return end
        local image = w:image("site:5")
        for _, box in ipairs(w:containers()) do
          if image and box.image_id == image.id then
            return c:fail("not_as_root", { name = box.name })
          end
        end
        local web = holder(w)
        if web then return c:fail("old_one", { name = web.name }) end
        c:fail("none_runs")
      end },
  },
  solve = {
    function(w)
      w:write(FILE, BODY .. RUNS .. "USER nobody\nEXPOSE 8080\n" .. SERVE)
      w:type("build -t site:5 site")
      w:type("rm -f web")
      w:type("run -d -p %{port}:8080 --name web -u root site:5")
    end,
    function(w)
      w:write(FILE, BODY .. RUNS .. "EXPOSE 8080\n" .. SERVE .. "USER nobody\n")
      w:type("build -t site:5 site")
      w:type("stop -t 0 web")
      w:type("run -d -p %{port}:8080 --user 0 site:5")
    end,
  },
  wrong = {
    { name = "USER above the RUNs",
      run = function(w)
        w:write(FILE, BODY .. "USER nobody\nRUN date > built.txt\nEXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
      end,
      expect = { goal = "built", message = "too_early" } },
    { name = "started as the image wants it",
      run = function(w)
        w:write(FILE, BODY .. "USER nobody\nEXPOSE 8080\n" .. SERVE)
        w:type("build -t site:5 site")
        w:type("rm -f web")
        w:type("run -d -p %{port}:8080 --name web site:5")
      end,
      expect = { goal = "who", message = "not_as_root" } },
  },
}
