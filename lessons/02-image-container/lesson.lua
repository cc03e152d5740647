-- Lesson 2: an image is not a container. Two containers of one image go their own
-- ways, the image stays what it is; making a container copies nothing; and the
-- way back, from a container to an image, has to be asked for.
--
-- Names are free: a pair is any two containers of one image that have made
-- different files. Only the new image has a name that is given, `teapot`.

lesson{ format = 1, id = "image-container", needs = { "hello" }, minutes = 12,
        points = 10 }

-- The files that a container has added, as { path = true }.
local function added(container)
  local paths, count = {}, 0
  for _, change in ipairs(container:diff()) do
    local path = change:match("^A (.*)$")
    if path then
      paths[path] = true
      count = count + 1
    end
  end
  return paths, count
end

-- A file that the first has and the second has not; nil where there is none.
local function only_in(first, second)
  local paths = added(second)
  local found
  for path in pairs((added(first))) do
    if not paths[path] and (not found or path < found) then found = path end
  end
  return found
end

-- Two containers of one image, each with a file that the other has not: the
-- older one, the newer one, and the older one's file.
local function pair(w)
  local all = w:containers()
  for i = #all, 1, -1 do
    for k = i - 1, 1, -1 do
      local a, b = all[i], all[k]
      if a.image_id == b.image_id and only_in(a, b) and only_in(b, a) then
        return a, b, only_in(a, b)
      end
    end
  end
end

local function show_pair(w)
  local first, second, path = pair(w)
  if not first then first = w:containers()[1] end
  return { first = first and first.name or "tea",
           second = second and second.name or "milk",
           path = path or "/tmp/tea" }
end

-- What a learner may have removed before the later steps.
local function keep_pair(w)
  if pair(w) then return end
  w:type("run busybox touch /tmp/tea")
  w:type("run busybox touch /tmp/milk")
end

-- ---------------------------------------------------------------------------
step{ id = "two", points = 3,
  show = show_pair,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "pair", points = 2, after = "guess",
      check = function(w, c)
        if pair(w) then return end
        local all = w:containers()
        local with_files
        for _, one in ipairs(all) do
          local _, count = added(one)
          if count > 0 then
            if with_files then
              if with_files.image_id ~= one.image_id then
                return c:fail("two_images", { a = with_files.name, b = one.name })
              end
              return c:fail("same_files", { a = with_files.name, b = one.name })
            end
            with_files = one
          elseif one:could_not_start() then
            return c:fail("could_not_start",
                          { name = one.name, program = one.args[1] })
          end
        end
        if with_files then
          if w:ran_with("--rm") then return c:fail("used_rm") end
          return c:fail("only_one", { name = with_files.name })
        end
        if all[1] and all[1].status == "created" then
          return c:not_yet("start " .. all[1].name)
        end
        if w:ran_with("--rm") then return c:fail("used_rm") end
        if w:typed_outside("touch") then return c:fail("on_host") end
        if #all > 0 then return c:fail("no_files", { name = all[1].name }) end
        c:not_yet("goal")
      end },
    answer{ id = "third", after = "pair", right = 0 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name tea busybox touch /tmp/tea")
      w:type("run --name milk busybox touch /tmp/milk")
      w:type("run --rm busybox ls /tmp")
      w:type("answer 0")
    end,
    function(w)
      w:type("answer 3")
      w:type("docker run --name left -d busybox sh -c 'echo l > /left; sleep 1000'")
      w:type("docker run --name right -d busybox sleep 1000")
      w:type("docker exec right touch /right")
      w:type("answer 0")
    end,
  },
  wrong = {
    { name = "one only",
      run = function(w)
        w:type("answer 3")
        w:type("run --name tea busybox touch /tmp/tea")
      end,
      expect = { goal = "pair", message = "only_one" } },
    { name = "the same file in both",
      run = function(w)
        w:type("answer 3")
        w:type("run --name tea busybox touch /tmp/tea")
        w:type("run --name milk busybox touch /tmp/tea")
      end,
      expect = { goal = "pair", message = "same_files" } },
    { name = "removed as soon as they ended",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm --name tea busybox touch /tmp/tea")
        w:type("run --rm --name milk busybox touch /tmp/milk")
      end,
      expect = { goal = "pair", message = "used_rm" } },
    { name = "nothing but touch, in the learner's own folder",
      run = function(w)
        w:type("answer 3")
        w:type("touch tea")
      end,
      expect = { goal = "pair", message = "on_host" } },
    { name = "a slip in the program's name",
      run = function(w)
        w:type("answer 3")
        w:type("run --name tea busybox tuch /tmp/tea")
      end,
      expect = { goal = "pair", message = "could_not_start" } },
    { name = "made, and not started yet",
      run = function(w)
        w:type("answer 3")
        w:type("create --name tea busybox touch /tmp/tea")
      end,
      expect = { goal = "pair", message = "not_yet" } },
    { name = "a program that changes nothing",
      run = function(w)
        w:type("answer 3")
        w:type("run --name tea busybox ls /tmp/")
      end,
      expect = { goal = "pair", message = "no_files" } },
    { name = "both files thought to be in the image",
      run = function(w)
        w:type("answer 3")
        w:type("run --name tea busybox touch /tmp/tea")
        w:type("run --name milk busybox touch /tmp/milk")
        w:type("answer 2")
      end,
      expect = { goal = "third", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The image's id as it may be written: whole, without "sha256:", or the twelve
-- characters of `images`.
local function written(id)
  local hex = id:match("[^:]*$")
  return { hex:sub(1, 12), hex, "sha256:" .. hex }
end

step{ id = "digest", points = 2,
  setup = keep_pair,
  show = show_pair,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    answer{ id = "id", points = 2, after = "guess",
      right = function(w)
        local first = pair(w) or w:containers()[1]
        return first and written(first.image_id)
      end,
      diagnose = function(w, c)
        local given = w:answer("digest/id")
        for _, one in ipairs(given and w:containers() or {}) do
          if #given >= 2 and one.id:sub(1, #given) == given:lower() then
            return c:fail("container_id", { name = one.name })
          end
        end
      end },
  },
  solve = {
    function(w)
      local first, second = pair(w)
      w:type("answer 3")
      w:type("inspect --format {{.Image}} " .. first.name .. " " .. second.name)
      w:type("images")
      w:type("answer " .. written(first.image_id)[1])
    end,
    function(w)
      w:type("answer 1")
      w:type("images --no-trunc")
      w:type("answer " .. pair(w).image_id)
    end,
  },
  wrong = {
    { name = "the container's own id",
      run = function(w)
        w:type("answer 1")
        w:type("answer " .. pair(w).id:sub(1, 12))
      end,
      expect = { goal = "id", message = "container_id" } },
    { name = "its name",
      run = function(w)
        w:type("answer 1")
        w:type("answer busybox")
      end,
      expect = { goal = "id", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- How long the learner's last line with that text took.
local function took(w, text)
  local lines = w:lines()
  for i = #lines, 1, -1 do
    if lines[i].status == 0 and lines[i].line:find(text, 1, true) then
      return lines[i].ms
    end
  end
  return "?"
end

step{ id = "copy", points = 2,
  setup = keep_pair,
  show = function(w)
    return { create = took(w, "create"), cp = took(w, "cp ") }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    container{ id = "made", after = "guess", status = "created",
      diagnose = function(w, c)
        local typed = w:typed()
        if #typed > 0 and (" " .. typed[#typed]):find(" run ", 1, true) then
          c:fail("used_run")
        end
      end },
    measure{ id = "quick", after = "made", slower = "cp ", faster = "create" },
    answer{ id = "size", points = 0, after = "quick", right = { "0B", "0", "0 B" } },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("create --name cup busybox")
      w:type("cp cup:/ copy")
      w:type("ps -a -s")
      w:type("answer 0B")
    end,
    function(w)
      w:type("answer 2")
      w:type("docker container create --name mug busybox")
      w:type("docker container cp mug:/ all-of-it")
      w:type("answer 0")
    end,
  },
  wrong = {
    { name = "run, which starts it as well",
      run = function(w)
        w:type("answer 2")
        w:type("run --name cup busybox true")
      end,
      expect = { goal = "made", message = "used_run" } },
    { name = "nothing to compare it with",
      run = function(w)
        w:type("answer 2")
        w:type("create --name cup busybox")
      end,
      expect = { goal = "quick", message = "not_measured" } },
    { name = "what it sees taken for what is its own",
      run = function(w)
        w:type("answer 2")
        w:type("create --name cup busybox")
        w:type("cp cup:/ copy")
        w:type("answer 2MB")
      end,
      expect = { goal = "size", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "freeze", points = 2,
  setup = keep_pair,
  show = show_pair,
  goals = {
    image{ id = "teapot", tag = "teapot",
      diagnose = function(w, c)
        if w:image("teapot") then return end
        for _, image in ipairs(w:images()) do
          local tag = image.tags[1]
          if image.parent ~= "" and (not tag or not tag:find("^busybox")) then
            return c:fail("other_tag", { tag = tag or image.id:sub(8, 19) })
          end
        end
      end },
    custom{ id = "holds", after = "teapot",
      check = function(w, c)
        local first, _, path = pair(w)
        local image = w:image("teapot")
        if not image then return c:fail("no_image") end
        for _, one in ipairs(w:containers()) do
          for file in pairs((added(one))) do
            if image:stat(file) then return end
          end
        end
        c:fail("without", { first = first and first.name or "tea",
                            path = path or "/tmp/tea" })
      end },
    custom{ id = "poured", after = "holds",
      check = function(w, c)
        local teapot = w:image("teapot")
        for _, one in ipairs(w:containers()) do
          if teapot and one.image_id == teapot.id then
            if one:could_not_start() then
              return c:fail("could_not_start",
                            { name = one.name, program = one.args[1] })
            end
            return
          end
        end
        if w:ran_with("--rm") and w:ran_with("teapot") then
          return c:fail("used_rm")
        end
        if w:has_typed("run") or w:has_typed("create") then
          return c:fail("none_of_it")
        end
        c:not_yet("ps -a")
      end },
  },
  solve = {
    function(w)
      local first = pair(w)
      w:type("commit " .. first.name .. " teapot")
      w:type("run --name guest teapot ls /tmp")
      w:type("history teapot")
    end,
    function(w)
      local _, second = pair(w)
      w:type("docker container commit " .. second.name .. " teapot:latest")
      w:type("docker create teapot true")
      w:type("docker start " .. w:containers()[1].name)
    end,
  },
  wrong = {
    { name = "another name for the image",
      run = function(w) w:type("commit " .. pair(w).name .. " pot") end,
      expect = { goal = "teapot", message = "other_tag" } },
    { name = "the old image under a new name",
      run = function(w) w:type("tag busybox teapot") end,
      expect = { goal = "holds", message = "without" } },
    { name = "a container that changed nothing",
      run = function(w)
        w:type("create --name empty busybox")
        w:type("commit empty teapot")
      end,
      expect = { goal = "holds", message = "without" } },
    { name = "a container of the old image",
      run = function(w)
        w:type("commit " .. pair(w).name .. " teapot")
        w:type("run --name guest busybox ls /tmp")
      end,
      expect = { goal = "poured", message = "none_of_it" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("commit " .. pair(w).name .. " teapot")
        w:type("run --rm teapot ls /tmp")
      end,
      expect = { goal = "poured", message = "used_rm" } },
  },
}

-- ---------------------------------------------------------------------------
-- A container whose image is no more.
local function orphan(w)
  for _, one in ipairs(w:containers()) do
    if not w:image(one.image_id) then return one end
  end
end

-- A container of the new image.
local function of_teapot(w)
  local teapot = w:image("teapot")
  for _, one in ipairs(teapot and w:containers() or {}) do
    if one.image_id == teapot.id then return one end
  end
end

step{ id = "order", points = 1,
  setup = function(w)
    keep_pair(w)
    if not w:image("teapot") then w:type("commit " .. pair(w).name .. " teapot") end
    if not of_teapot(w) then w:type("run teapot true") end
  end,
  show = function(w)
    local one = of_teapot(w) or orphan(w)
    return { name = one and one.name or "guest" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    gone{ id = "image", after = "guess", image = "teapot",
      diagnose = function(w, c)
        local one = of_teapot(w)
        if one and (w:has_typed("rmi") or w:has_typed("rm")) then
          c:fail("in_use", { name = one.name })
        elseif one then
          c:not_yet("ps -a")
        elseif w:image("teapot") then
          c:fail("still_there")
        end
      end },
    custom{ id = "no_orphan", after = "image",
      check = function(w, c)
        local one = orphan(w)
        if one then return c:fail("orphan", { name = one.name }) end
        if w:image("teapot") then c:fail("still_there") end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("rmi teapot")
      w:type("rm " .. of_teapot(w).name)
      w:type("rmi teapot")
    end,
    function(w)
      local name = of_teapot(w).name
      w:type("answer 2")
      w:type("docker image rm --force teapot")
      w:type("docker container rm " .. name)
    end,
  },
  wrong = {
    { name = "refused, and left at that",
      run = function(w)
        w:type("answer 1")
        w:type("rmi teapot")
      end,
      expect = { goal = "image", message = "in_use" } },
    { name = "only the container",
      run = function(w)
        w:type("answer 1")
        w:type("rm " .. of_teapot(w).name)
      end,
      expect = { goal = "image", message = "still_there" } },
    { name = "by force, so that a container is left without its image",
      run = function(w)
        w:type("answer 1")
        w:type("rmi -f teapot")
      end,
      expect = { goal = "no_orphan", message = "orphan" } },
  },
}
