-- Lesson 12: the base decides what an image weighs. Bases are made here of programs of
-- the learner's own machine, so that it is seen what one consists of: files, and
-- nothing else.
--
-- Any image counts that holds the app and runs it. The machine gives bash, tar, ldd
-- and perl: each Debian and Ubuntu has them. Its sh, too: that of the base image would
-- take its own tar, whatever is on the PATH.

lesson{ format = 1, id = "base-image", needs = { "dockerfile" }, minutes = 18,
        points = 14, programs = { "apt-get", "bash", "ldd", "perl", "sh", "tar" } }

var.token = token(6)

local MUCH = "bash perl tar sed grep find ls cat sh apt-get"
local LIMIT = 0.4 -- of the first image, at most
local NODE = has("image:node") -- a real one, where the learner has it

local function mb(bytes) return string.format("%.2f", bytes / 1e6) end

local function size_of(w, name)
  local image = w:image(name)
  return image and mb(image.size) or "?"
end

local function name_of(image)
  return image.tags[1] and image.tags[1]:gsub(":latest$", "") or image.id:sub(1, 12)
end

-- Where an image has the program; nil: nowhere.
local function place_of(image, program)
  if program:find("/", 1, true) then
    return image:stat(program) and program
  end
  for _, folder in ipairs{ "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/" } do
    if image:stat(folder .. program) then return folder .. program end
  end
end

-- Put together here: what others have made says more than its files.
local function is_own(image)
  for _, tag in ipairs(image.tags) do
    if tag == NODE then return false end
  end
  return next(image.env) == nil and not image:stat("/bin/busybox")
end

-- The containers whose program is in an image that was put together here.
local function own_containers(w)
  local found = {}
  for _, box in ipairs(w:containers()) do
    local image = w:image(box.image_id)
    if image and is_own(image) and box.args[1] and place_of(image, box.args[1]) then
      found[#found + 1] = box
    end
  end
  return found
end

-- The images that were put together here.
local function own_images(w)
  local found = {}
  for _, image in ipairs(w:images()) do
    if image.layer_count == 1 and is_own(image) then found[#found + 1] = image end
  end
  return found
end

local function ends_with(text, ending) return text:sub(-#ending) == ending end

-- Its container went with --rm when the line had ended well. `alone`: nothing stood
-- behind the image's name.
local function ran_and_removed(w, image, alone)
  for _, done in ipairs(w:lines()) do
    local words = " " .. done.line:gsub("%s+", " ") .. " "
    if done.status == 0 and words:find(" run ", 1, true) and
       words:find(" --rm ", 1, true) then
      for _, tag in ipairs(image.tags) do
        for _, name in ipairs{ " " .. tag .. " ", " " .. tag:gsub(":latest$", "") .. " " } do
          if alone and ends_with(words:gsub(" +$", " "), name) or
             not alone and words:find(name, 1, true) then
            return true
          end
        end
      end
    end
  end
  return false
end

-- Why no container of such an image is there.
local function none_of_own(w, c)
  local own = own_images(w)
  local last = w:containers()[1]
  if #own == 0 then
    return c:fail(w:has_typed("import") and "not_imported" or "no_image")
  end
  local removed = w:ran_with("--rm")
  if not removed and last and last.image:find("^busybox") then
    return c:fail("on_busybox", { name = last.name })
  end
  if not removed and last and last:could_not_start() then
    return c:fail("no_program", { name = last.name, program = last.args[1] or "" })
  end
  c:fail(removed and "used_rm" or "not_run", { name = name_of(own[1]) })
end

local function copy_packer(w)
  if not w:read("pack.sh") then w:copy("files/pack.sh", "pack.sh") end
end

-- ---------------------------------------------------------------------------
step{ id = "alone", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "tried", points = 2, after = "guess",
      check = function(w, c)
        local own = own_containers(w)
        for _, box in ipairs(own) do
          if box:could_not_start() then return end
        end
        if own[1] then
          return c:fail("it_ran", { name = own[1].name, program = own[1].args[1] })
        end
        none_of_own(w, c)
      end },
    answer{ id = "why", after = "tried", choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("tar -c /bin/bash | import - alone")
      w:type("run --name one alone bash --version")
      w:type("why one")
      w:type("answer 2")
    end,
    function(w) -- another program, by its path
      w:type("answer 2")
      w:type("tar -cf ls.tar /bin/ls")
      w:type("docker image import ls.tar ls:1")
      w:type("docker run ls:1 /bin/ls /")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "import without a dash",
      run = function(w)
        w:type("answer 1")
        w:type("tar -c /bin/bash | import alone")
      end,
      expect = { goal = "tried", message = "not_imported" } },
    { name = "bash in the other image",
      run = function(w)
        w:type("answer 1")
        w:type("tar -c /bin/bash | import - alone")
        w:type("run busybox bash --version")
      end,
      expect = { goal = "tried", message = "on_busybox" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("tar -c /bin/bash | import - alone")
        w:type("run --rm alone bash --version")
      end,
      expect = { goal = "tried", message = "used_rm" } },
    { name = "another program than the one that is in it",
      run = function(w)
        w:type("answer 1")
        w:type("tar -c /bin/bash | import - alone")
        w:type("run alone sh")
      end,
      expect = { goal = "tried", message = "no_program" } },
    { name = "it is thought not to be allowed",
      run = function(w)
        w:type("answer 3")
        w:type("tar -c /bin/bash | import - alone")
        w:type("run alone bash --version")
        w:type("answer 1")
      end,
      expect = { goal = "why", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The newest of them with more in it than a program.
local function with_libraries(images)
  for _, image in ipairs(images) do
    if image:stat("/lib") or image:stat("/lib64") or image:stat("/usr/lib") then return image end
  end
end

local function is_bash(box) return (box.args[1] or ""):match("[^/]*$") == "bash" end

local function newest_of(w, image)
  for _, box in ipairs(w:containers()) do
    if box.image_id == image.id then return box end
  end
end

-- The last archive was made of no program at all.
local function packed_nothing(w)
  local last
  for _, line in ipairs(w:typed()) do
    if line:find("import", 1, true) then last = line end
  end
  return last and last:find("pack%.sh%s*|")
end

local function check_runs(w, c)
  local images, other = own_images(w), nil
  for _, box in ipairs(own_containers(w)) do
    if box.exit == 0 and not box:could_not_start() then
      if is_bash(box) then return end
      other = other or box
    end
  end
  local run = w:last_run()
  for _, image in ipairs(images) do
    if run and run:find("bash", 1, true) and ran_and_removed(w, image) then return end
  end
  if packed_nothing(w) then return c:fail("packed_nothing") end
  if other then
    return c:fail("other_program", { name = other.name, program = other.args[1] })
  end
  local imported = w:has_typed("import")
  local made = imported and with_libraries(images)
  if not run and not made then return c:fail(imported and "not_imported" or "no_image") end
  if w:ran_with("--rm") or w:ran_with("busybox") then return none_of_own(w, c) end
  if made then
    local box = newest_of(w, made)
    if not box then return c:fail("not_run", { name = name_of(made) }) end
    if not place_of(made, box.args[1] or "") then
      return c:fail("no_program", { name = box.name, program = box.args[1] or "" })
    end
  end
  local last = own_containers(w)[1]
  if not last then return none_of_own(w, c) end
  c:fail(imported and "still_missing" or "same_again", { name = last.name })
end

step{ id = "libraries", points = 3,
  setup = copy_packer,
  show = function(w)
    local ran
    for _, box in ipairs(own_containers(w)) do
      if box.exit == 0 and not box:could_not_start() then ran = box.image_id end
    end
    return { alone_mb = size_of(w, "alone"), own_mb = size_of(w, ran or "own") }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 2, right = 2, predict = true },
    custom{ id = "runs", points = 3, after = "guess", check = check_runs },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("sh pack.sh bash | import - own")
      w:type("run own bash --version")
      w:type("images")
    end,
    function(w) -- by hand, as the script does it, and removed when it has ended
      w:type("answer 2")
      w:type("tar -ch /bin/bash $(ldd /bin/bash | grep -o '/[^ ]*') | docker import - own:1")
      w:type("docker run --rm own:1 /bin/bash --version")
    end,
  },
  wrong = {
    { name = "the same archive once more",
      run = function(w)
        w:type("answer 2")
        w:type("run alone bash --version")
      end,
      expect = { goal = "runs", message = "same_again" } },
    { name = "imported, and not run",
      run = function(w)
        w:type("answer 2")
        w:type("sh pack.sh bash | import - own")
      end,
      expect = { goal = "runs", message = "not_run" } },
    { name = "another program",
      run = function(w)
        w:type("answer 2")
        w:type("sh pack.sh bash ls | import - own")
        w:type("run own ls")
      end,
      expect = { goal = "runs", message = "other_program" } },
    { name = "a packer that is given nothing to pack",
      run = function(w)
        w:type("answer 2")
        w:type("sh pack.sh | import - own")
      end,
      expect = { goal = "runs", message = "packed_nothing" } },
    { name = "imported, but it is the first one that was run",
      run = function(w)
        w:type("answer 2")
        w:type("run alone bash --version")
        w:type("sh pack.sh bash | import - own")
      end,
      expect = { goal = "runs", message = "not_run" } },
    { name = "links without what they point to",
      run = function(w)
        w:type("answer 2")
        w:type("tar -c /bin/bash /lib64 | import - own")
        w:type("run own bash --version")
      end,
      expect = { goal = "runs", message = "still_missing" } },
  },
}

-- ---------------------------------------------------------------------------
local function import_big(w)
  copy_packer(w)
  w:type("sh pack.sh " .. MUCH .. " | import - big")
end

local function write_app(w)
  w:copy("files/app", "app")
  w:write("app/greet.sh", "# The app: it greets, and needs a shell for it.\n" ..
          "echo Good morning, %{token}\n")
end

local function holds_app(image)
  local text = image:file("/greet.sh")
  return text and text:find(var.token, 1, true)
end

step{ id = "first", points = 2,
  setup = function(w)
    copy_packer(w)
    write_app(w)
  end,
  show = function(w)
    local app = w:image("app:1")
    local steps = app and app:layers() or {}
    return { first_mb = size_of(w, "app:1"), much = MUCH,
             own_bytes = #steps > 1 and steps[#steps].bytes or "?" }
  end,
  goals = {
    custom{ id = "base",
      check = function(w, c)
        local big = w:image("big")
        if not big then
          return c:fail(w:has_typed("import") and "not_imported" or "no_base")
        end
        if not place_of(big, "bash") or big.size < 4 * w:image("busybox").size then
          c:fail("too_few", { size = mb(big.size) })
        end
      end },
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true,
      after = "base" },
    image{ id = "built", after = "guess", tag = "app:1", base = "big",
      diagnose = function(w, c)
        local build = w:built()
        if w:image("app:1") or not build or build.number < 1 then return end
        local image = build.ok and w:image(build.image)
        if not image then return c:fail("failed") end
        if not image.tags[1] then return c:fail("no_name") end
        c:fail("other_name", { name = image.tags[1] })
      end },
  },
  solve = {
    function(w)
      w:type("sh pack.sh " .. MUCH .. " | import - big")
      w:type("answer 1")
      w:type("build -t app:1 app")
      w:type("layers app:1")
    end,
    function(w) -- over a file, and one program more
      w:type("sh pack.sh " .. MUCH .. " mkdir > big.tar")
      w:type("docker import big.tar big:latest")
      w:type("answer 3")
      w:type("cd app")
      w:type("docker build -t app:1 .")
    end,
  },
  wrong = {
    { name = "built before there is a base",
      run = function(w) w:type("build -t app:1 app") end,
      expect = { goal = "base", message = "no_base" } },
    { name = "a base of one program",
      run = function(w) w:type("sh pack.sh bash | import - big") end,
      expect = { goal = "base", message = "too_few" } },
    { name = "without a number",
      run = function(w)
        import_big(w)
        w:type("answer 1")
        w:type("build -t app app")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
local function first_size(w)
  local first = w:image("big") or w:image("app:1")
  return first and first.size
end

-- The images that hold the app, newest first, and are not the first one.
local function apps(w)
  local found = {}
  for _, image in ipairs(w:images()) do
    if holds_app(image) and image.size < LIMIT * (first_size(w) or 0) then
      found[#found + 1] = image
    end
  end
  return found
end

-- Whether an image has run and greeted by itself; else the container that did not,
-- and what was wrong with it.
local function has_greeted(w, image)
  local own = table.concat(image.entrypoint, " ") .. " " .. table.concat(image.cmd, " ")
  local last, wrong
  for _, box in ipairs(w:containers()) do
    if box.image_id == image.id then
      local greets = box.exit == 0 and box:log():find(var.token, 1, true)
      local by_itself = (" " .. table.concat(box.args, " ")):find(own, 1, true)
      if greets and by_itself then return true end
      if not last then
        last = box
        wrong = box:could_not_start() and "could_not_start" or
                greets and "by_hand" or "did_not_greet"
      end
    end
  end
  return ran_and_removed(w, image, true), last, wrong
end

-- Nothing small holds the app: what the last build gave instead.
local function why_not_small(w, c)
  local build = w:built()
  if not build or build.number < 1 then return c:fail("no_build") end
  if not build.ok then return c:fail("failed") end
  local image = w:image(build.image)
  if not image then return c:fail("no_build") end
  if not holds_app(image) then return c:fail("no_app") end
  c:fail("too_big", { size = mb(image.size), limit = mb(LIMIT * (first_size(w) or 0)) })
end

step{ id = "slim", points = 4,
  setup = function(w)
    if not w:image("big") then import_big(w) end
    if not w:read("app/greet.sh") then write_app(w) end
    if not w:image("app:1") then w:type("build -q -t app:1 app") end
    if not w:image("own") then w:type("sh pack.sh bash | import - own") end
  end,
  show = function(w)
    local small = apps(w)[1]
    local first = first_size(w)
    return { first_mb = first and mb(first) or "?",
             limit_mb = first and mb(LIMIT * first) or "?",
             small_mb = small and mb(small.size) or "?",
             percent = small and string.format("%.0f", 100 * small.size / first) or "?" }
  end,
  goals = {
    custom{ id = "small", points = 2,
      check = function(w, c)
        local build = w:built()
        local stopped = build and build.number >= 1 and not build.ok
        if stopped or #apps(w) == 0 then why_not_small(w, c) end
      end },
    custom{ id = "runs", points = 2, after = "small",
      check = function(w, c)
        local last, wrong, name
        local build = w:built()
        for _, image in ipairs(apps(w)) do
          local greeted, box, key = has_greeted(w, image)
          if greeted then return end
          -- What is said is said of the one that was built last.
          if not name or build and image.id == build.image then
            last, wrong, name = box, key, name_of(image)
          end
        end
        if not last then return c:fail("not_run", { name = name or "app:2" }) end
        c:fail(wrong, { name = last.name, program = last.args[1] or "" })
      end },
  },
  solve = {
    function(w)
      w:write("app/Dockerfile", "FROM busybox\nCOPY greet.sh /\n" ..
              "CMD [\"sh\", \"/greet.sh\"]\n")
      w:type("build -t app:2 app")
      w:type("run app:2")
      w:type("compare app:1 app:2")
    end,
    function(w) -- bash and what it needs, nothing else
      w:edit("app/Dockerfile", "big", "own")
      w:type("docker build -t small app")
      w:type("docker run --rm small")
    end,
  },
  wrong = {
    { name = "another base, and not run since",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nCOPY greet.sh /\nCMD [\"bash\", \"/greet.sh\"]\n")
        w:type("build -t app:2 app")
        w:type("run app:2")
        w:edit("app/Dockerfile", "busybox", "own")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "runs", message = "not_run" } },
    { name = "the base stays",
      run = function(w) w:type("build -t app:2 app") end,
      expect = { goal = "small", message = "too_big" } },
    { name = "what is not needed is emptied above the base",
      run = function(w)
        w:write("app/Dockerfile", "FROM big\nRUN : > /bin/perl && : > /bin/apt-get\n" ..
                "COPY greet.sh /\nCMD [\"bash\", \"/greet.sh\"]\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "small", message = "too_big" } },
    { name = "no app in it",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nCMD [\"echo\", \"Good morning\"]\n")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "small", message = "no_app" } },
    { name = "built, and not run",
      run = function(w)
        w:edit("app/Dockerfile", "big", "own")
        w:type("build -t app:2 app")
      end,
      expect = { goal = "runs", message = "not_run" } },
    { name = "a base without the program that CMD names",
      run = function(w)
        w:edit("app/Dockerfile", "big", "busybox")
        w:type("build -t app:2 app")
        w:type("run app:2")
      end,
      expect = { goal = "runs", message = "could_not_start" } },
    { name = "the app is run by hand, since CMD does not fit",
      run = function(w)
        w:edit("app/Dockerfile", "big", "busybox")
        w:type("build -t app:2 app")
        w:type("run app:2 sh /greet.sh")
        w:type("run --rm app:2 sh /greet.sh")
      end,
      expect = { goal = "runs", message = "by_hand" } },
    { name = "another program is run instead of the app",
      run = function(w)
        w:edit("app/Dockerfile", "big", "own")
        w:type("build -t app:2 app")
        w:type("run app:2 bash --version")
      end,
      expect = { goal = "runs", message = "did_not_greet" } },
  },
}

-- ---------------------------------------------------------------------------
local function needed(w)
  if not w:image("big") then import_big(w) end
  if not w:read("app/greet.sh") then write_app(w) end
  if not w:image("app:1") then
    w:write("app/Dockerfile", "FROM big\nCOPY greet.sh /\nCMD [\"bash\", \"/greet.sh\"]\n")
    w:type("build -q -t app:1 app")
  end
end

step{ id = "share", unless = "image:node", points = 2,
  setup = needed,
  show = function(w)
    return { big_mb = size_of(w, "big"), first_mb = size_of(w, "app:1") }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    answer{ id = "shared", after = "guess",
      right = function(w)
        local big = w:image("big")
        return big and big.layer_count
      end,
      diagnose = function(w, c)
        if not w:image("app:1") or not w:image("big") then c:fail("gone_early") end
      end },
    gone{ id = "removed", after = "shared", image = "app:1" },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("compare big app:1")
      w:type("answer 1")
      w:type("rmi app:1")
    end,
    function(w)
      w:type("answer 2")
      w:type("compare app:1 big")
      w:type("answer 1")
      w:type("docker image rm -f app:1")
    end,
  },
  wrong = {
    { name = "all layers are counted, not the shared ones",
      run = function(w)
        w:type("answer 1")
        w:type("answer 2")
      end,
      expect = { goal = "shared", message = "wrong" } },
    { name = "removed before it was compared",
      run = function(w)
        w:type("answer 1")
        w:type("rmi -f app:1")
      end,
      expect = { goal = "shared", message = "gone_early" } },
    { name = "another image is removed",
      run = function(w)
        w:type("answer 1")
        w:type("answer 1")
        w:type("rmi -f own")
      end,
      expect = { goal = "removed", message = "there" } },
  },
}

-- Where the learner has a real image of Node, its weight is seen as well.
step{ id = "share_node", only_if = "image:node", points = 2,
  setup = needed,
  show = function(w)
    return { node = NODE or "node", node_mb = size_of(w, NODE or "node"),
             first_mb = size_of(w, "app:node") }
  end,
  goals = {
    image{ id = "built", tag = "app:node", base = NODE or "busybox",
      diagnose = function(w, c)
        local build = w:built()
        if w:image("app:node") or not build or build.number < 1 then return end
        local image = build.ok and w:image(build.image)
        if not image then return c:fail("failed") end
        if not image.tags[1] then return c:fail("no_name") end
        c:fail("other_name", { name = image.tags[1] })
      end },
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true,
      after = "built" },
    answer{ id = "shared", after = "guess", right = function(w)
      local node = NODE and w:image(NODE)
      return node and node.layer_count
    end },
  },
  solve = {
    function(w)
      w:write("app/Dockerfile", "FROM " .. (NODE or "node") .. "\nCOPY greet.sh /\n" ..
              "CMD [\"sh\", \"/greet.sh\"]\n")
      w:type("build -t app:node app")
      w:type("answer 1")
      w:type("compare app:node " .. (NODE or "node"))
      w:type("answer " .. (NODE and w:image(NODE).layer_count or 1))
    end,
  },
  wrong = {
    { name = "the base stays",
      run = function(w)
        w:write("app/Dockerfile", "FROM busybox\nCOPY greet.sh /\n")
        w:type("build -t app:node app")
      end,
      expect = { goal = "built", message = "base" } },
    { name = "another name",
      run = function(w)
        w:write("app/Dockerfile", "FROM " .. (NODE or "node") .. "\nCOPY greet.sh /\n")
        w:type("build -t app app")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}
