-- Lesson 9: intermediate images are not layers. Every step of a build leaves an
-- image behind; only some of them leave a layer. An image of any step can be run,
-- and that is the way to see why a build failed.
--
-- Containers may be called as the learner likes, and be of an ID however short:
-- what counts is the image they were made of.

lesson{ format = 1, id = "intermediate", needs = {}, minutes = 20, points = 14 }

var.token = token(6)

-- The image that the step with this text made, newest build of `name`; nil: none.
local function image_of_step(w, name, text)
  local image = w:image(name)
  if not image then return nil end
  local history = image:history()
  local at = history:index(text)
  return at ~= math.huge and history[at].id or nil
end

-- The line of the step that made the image `id`, as the Dockerfile has it.
local function step_of(w, id)
  local image = w:image(id)
  if not image then return "" end
  local history = image:history()
  local line = #history > 0 and history[#history].text or ""
  line = line:gsub("^/bin/sh %-c #%(nop%)%s*", ""):gsub("^/bin/sh %-c ", "RUN ")
  return (line:gsub("^(%u+) %a+:%x+ in ", "%1 ... "):gsub("%s+$", ""))
end

-- A `run` of the image that went well and whose container is gone (--rm): the line
-- is all that is left of it.
local function ran_and_removed(w, id, status)
  local hex = id:gsub("^sha256:", "")
  for _, done in ipairs(w:lines()) do
    local words = " " .. done.line .. " "
    if words:find(" run ", 1, true) and words:find(" %-%-rm ") and
       (not status or done.status == status) then
      for word in words:gmatch("%f[%w](%x+) ") do
        if #word >= 2 and hex:sub(1, #word) == word then return true end
      end
    end
  end
  return false
end

-- "sha256:0123..." as one would type it.
local function short(id)
  return (id:gsub("^sha256:", "")):sub(1, 12)
end

-- A build went well, but under another name or under none.
local function other_name(w, c)
  local build = w:built()
  if not build or build.number < 1 then return end
  if not build.ok then return c:fail("build_failed") end
  local image = w:image(build.image)
  if not image then return end
  if #image.tags == 0 then
    c:fail("no_name", { id = short(image.id) })
  else
    c:fail("other_name", { name = image.tags[1] })
  end
end

-- ---------------------------------------------------------------------------
step{ id = "steps", points = 2,
  setup = function(w) w:copy("files/bread", "bread") end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    image{ id = "built", after = "guess", tag = "bread", base = "busybox",
      diagnose = function(w, c)
        if not w:image("bread") then other_name(w, c) end
      end },
    answer{ id = "ids", after = "built", right = 9,
      diagnose = function(w, c)
        local said = w:answer("steps/ids")
        if said == "8" then c:fail("without_base") end
        if said == "1" then c:fail("images_only") end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t bread bread")
      w:type("history bread")
      w:type("answer 9")
    end,
    function(w) -- from within
      w:type("answer 3")
      w:type("cd bread")
      w:type("docker image build --tag bread:latest .")
      w:type("docker image history bread")
      w:type("cd ..")
      w:type("answer 9")
    end,
  },
  wrong = {
    { name = "without a name",
      run = function(w)
        w:type("answer 1")
        w:type("build bread")
      end,
      expect = { goal = "built", message = "no_name" } },
    { name = "another name",
      run = function(w)
        w:type("answer 1")
        w:type("build -t bred bread")
      end,
      expect = { goal = "built", message = "other_name" } },
    { name = "the base's line is not counted",
      run = function(w)
        w:type("answer 1")
        w:type("build -t bread bread")
        w:type("answer 8")
      end,
      expect = { goal = "ids", message = "without_base" } },
  },
}

-- ---------------------------------------------------------------------------
local function dough_image(w) return image_of_step(w, "bread", "RUN cp flour.txt") end

-- The newest container of another image than the one with the dough.
local function other_image(w, c)
  for _, box in ipairs(w:containers()) do
    local line = step_of(w, box.image_id)
    if box.image_id == image_of_step(w, "bread", "CMD ") then
      return c:fail("finished", { name = box.name })
    elseif line:find("^COPY ") or
           line:find("WORKDIR /kitchen", 1, true) then
      return c:fail("too_early", { name = box.name, line = line })
    elseif line:find("RUN ", 1, true) or line:find("ENV PRICE", 1, true) then
      return c:fail("too_late", { name = box.name, line = line })
    end
  end
end

step{ id = "back", points = 3,
  goals = {
    custom{ id = "dough", points = 2,
      check = function(w, c)
        local wanted = dough_image(w)
        if not wanted then return c:fail("no_bread") end
        for _, box in ipairs(w:containers()) do
          if box.image_id == wanted then
            if box.running then return c:fail("still_running", { name = box.name }) end
            if box.status == "exited" and box.exit == 0 then return end
            return c:fail("ended_badly", { name = box.name, code = box.exit })
          end
        end
        if ran_and_removed(w, wanted, 0) then return end
        c:fail("none_yet")
        other_image(w, c)
      end },
    answer{ id = "ends", after = "dough", right = 4 },
  },
  solve = {
    function(w)
      w:type("run --name baker " .. short(dough_image(w)) .. " cat dough.txt")
      w:type("history " .. short(dough_image(w)))
      w:type("answer 4")
    end,
    function(w) -- no name, a shorter ID, another program
      w:type("docker run --rm " .. short(dough_image(w)):sub(1, 6) .. " ls")
      w:type("answer 4")
    end,
  },
  wrong = {
    { name = "the finished image",
      run = function(w) w:type("run bread cat dough.txt") end,
      expect = { goal = "dough", message = "finished" } },
    { name = "one step too early",
      run = function(w)
        local id = short(image_of_step(w, "bread", "COPY "))
        w:type("run " .. id .. " cat dough.txt")
      end,
      expect = { goal = "dough", message = "too_early" } },
    { name = "one step too late",
      run = function(w)
        local id = short(image_of_step(w, "bread", "RUN mv"))
        w:type("run " .. id .. " ls")
      end,
      expect = { goal = "dough", message = "too_late" } },
    { name = "removed as soon as it ended, and it failed",
      run = function(w)
        w:type("run --rm " .. short(dough_image(w)) .. " cat /dough.txt")
      end,
      expect = { goal = "dough", message = "none_yet" } },
    { name = "another file",
      run = function(w)
        w:type("run " .. short(dough_image(w)) .. " cat /dough.txt")
      end,
      expect = { goal = "dough", message = "ended_badly" } },
    { name = "counted in the finished image",
      run = function(w)
        w:type("run " .. short(dough_image(w)) .. " ls")
        w:type("answer 9")
      end,
      expect = { goal = "ends", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "layers", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    answer{ id = "count", after = "guess", right = 5,
      diagnose = function(w, c)
        local said = w:answer("layers/count")
        if said == "4" then c:fail("without_base") end
        if said == "9" then c:fail("steps_counted") end
      end },
    answer{ id = "zero", points = 2, after = "count", choices = 4, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("layers bread")
      w:type("answer 5")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "the steps are counted",
      run = function(w) w:type("answer 1") w:type("answer 9") end,
      expect = { goal = "count", message = "steps_counted" } },
    { name = "what is new is counted",
      run = function(w) w:type("answer 1") w:type("answer 4") end,
      expect = { goal = "count", message = "without_base" } },
    { name = "0B is taken for no layer",
      run = function(w)
        w:type("answer 1")
        w:type("answer 5")
        w:type("answer 1")
      end,
      expect = { goal = "zero", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- Steps of the image that the base has not got.
local function own_steps(w, image)
  local own, base = image:history(), w:image("busybox"):history()
  local steps = {}
  for i = #base + 1, #own do steps[#steps + 1] = own[i] end
  return steps
end

local function as_written(step)
  return (step.text:gsub("^/bin/sh %-c #%(nop%)%s*", ""):gsub("^/bin/sh %-c ", "RUN "))
end

step{ id = "thin", points = 2,
  setup = function(w) w:write("thin/Dockerfile", "FROM busybox\n") end,
  goals = {
    image{ id = "built", tag = "thin", base = "busybox",
      diagnose = function(w, c)
        if not w:image("thin") then other_name(w, c) end
      end },
    custom{ id = "bare", after = "built",
      check = function(w, c)
        local image = w:image("thin")
        if not image then return c:fail("few", { count = 0 }) end
        local steps = own_steps(w, image)
        for _, step in ipairs(steps) do
          if not step.empty then
            return c:fail("made_layer", { line = as_written(step) })
          end
        end
        if #steps < 4 then c:fail("few", { count = #steps }) end
      end },
  },
  solve = {
    function(w)
      w:write("thin/Dockerfile", "FROM busybox\nENV COLOUR=blue\nLABEL who=me\n" ..
              "EXPOSE 8080\nCMD [\"env\"]\n")
      w:type("build -t thin thin")
      w:type("layers thin")
    end,
    function(w) -- steps that run something and leave nothing
      w:write("thin/Dockerfile", "FROM busybox\nRUN true\nWORKDIR /tmp\nUSER root\n" ..
              "RUN ls /bin/ls\n")
      w:type("docker build -t thin:latest ./thin")
    end,
  },
  wrong = {
    { name = "a folder of its own",
      run = function(w)
        w:write("thin/Dockerfile", "FROM busybox\nENV A=1\nENV B=2\nWORKDIR /app\nCMD env\n")
        w:type("build -t thin thin")
      end,
      expect = { goal = "bare", message = "made_layer" } },
    { name = "not enough steps",
      run = function(w)
        w:write("thin/Dockerfile", "FROM busybox\nENV A=1\n")
        w:type("build -t thin thin")
      end,
      expect = { goal = "bare", message = "few" } },
    { name = "not a word of a Dockerfile",
      run = function(w)
        w:write("thin/Dockerfile", "FROM busybox\nSET A=1\n")
        w:type("build -t thin thin")
      end,
      expect = { goal = "built", message = "none" } },
    { name = "another name",
      run = function(w)
        w:type("build -t thinn thin")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
-- The container that a RUN of the build left, not one that a learner has run.
local function is_of_build(box)
  return box.args[1] == "/bin/sh" and box.args[2] == "-c"
end

-- The ID behind "Running in" was taken for that of an image, in the last `run`.
local function took_container(w)
  local word
  for _, done in ipairs(w:lines()) do
    local line = " " .. done.line
    if line:find(" run ", 1, true) then
      word = done.status ~= 0 and line:match(" run .-%f[%w](%x%x%x%x+)%f[%W]")
    end
  end
  for _, box in ipairs(w:containers()) do
    if word and box.id:sub(1, #word) == word then return true end
  end
  return false
end

-- A container of the image that the COPY made: the last one that is good.
local function has_looked(w)
  for _, box in ipairs(w:containers()) do
    local line = step_of(w, box.image_id)
    if line:find("COPY ", 1, true) and line:find("/oven", 1, true) and
       box.status ~= "created" and not is_of_build(box) then return true end
  end
  local build = w:built()
  local copy = build and build.number > 0 and build:step("COPY ")
  return copy and copy.image and ran_and_removed(w, copy.image)
end

step{ id = "broken", points = 4,
  setup = function(w)
    w:copy("files/cookies", "cookies")
    w:write("cookies/recipe.txt", "sugar, butter, %{token}\n")
  end,
  goals = {
    custom{ id = "looked", points = 2,
      check = function(w, c)
        if has_looked(w) then return end
        for _, other in ipairs(w:containers()) do
          if step_of(w, other.image_id):find("WORKDIR /oven", 1, true) then
            return c:fail("too_early", { name = other.name })
          end
        end
        local build = w:built()
        if took_container(w) then return c:fail("container_id") end
        c:fail(build and build.number > 0 and "not_looked" or "not_built")
      end },
    file{ id = "baked", points = 2, after = "looked", image = "cookies",
      path = "/oven/cookies.txt", has = "%{token}",
      diagnose = function(w, c)
        if w:image("cookies") then return end
        local build = w:built()
        if build and build.number > 0 and not build.ok then
          c:fail("still_broken")
        elseif build and build.number > 0 then
          other_name(w, c)
        end
      end },
  },
  solve = {
    function(w)
      w:type("build -t cookies cookies")
      local build = w:built()
      local id = build and build:step("COPY ") and build:step("COPY ").image or "ID"
      w:type("run " .. short(id) .. " ls -l")
      w:edit("cookies/Dockerfile", "/oven/recipes", "/oven/recipes/")
      w:type("build -t cookies cookies")
    end,
    function(w) -- the other line mended
      w:type("build -t cookies cookies")
      local build = w:built()
      local id = build and build:step("COPY ") and build:step("COPY ").image or "ID"
      w:type("run --rm " .. short(id) .. " cat recipes")
      w:edit("cookies/Dockerfile", "cp recipes/recipe.txt", "cp recipes")
      w:type("build -t cookies cookies")
    end,
  },
  wrong = {
    { name = "only built",
      run = function(w) w:type("build -t cookies cookies") end,
      expect = { goal = "looked", message = "not_looked" } },
    { name = "one step too early",
      run = function(w)
        w:type("build -t cookies cookies")
        w:type("run " .. short(w:built():step("WORKDIR").image) .. " ls -l")
      end,
      expect = { goal = "looked", message = "too_early" } },
    { name = "the container's ID for the image's",
      run = function(w)
        w:type("build -t cookies cookies")
        w:type("run " .. w:containers()[1].id:sub(1, 12) .. " ls -l")
      end,
      expect = { goal = "looked", message = "container_id" } },
    { name = "the container's ID, then one step too early, and removed",
      run = function(w)
        w:type("build -t cookies cookies")
        w:type("run " .. w:containers()[1].id:sub(1, 12) .. " ls -l")
        w:type("run --rm " .. short(w:built():step("WORKDIR").image) .. " ls -l")
      end,
      expect = { goal = "looked", message = "not_looked" } },
    { name = "built again, and nothing mended",
      run = function(w)
        w:type("build -t cookies cookies")
        w:type("run " .. short(w:built():step("COPY ").image) .. " ls -l")
        w:type("build -t cookies cookies")
      end,
      expect = { goal = "baked", message = "still_broken" } },
    { name = "the step that failed thrown out",
      run = function(w)
        w:type("build -t cookies cookies")
        w:type("run " .. short(w:built():step("COPY ").image) .. " ls -l")
        w:edit("cookies/Dockerfile", "RUN cp recipes/recipe.txt cookies.txt\n", "")
        w:type("build -t cookies cookies")
      end,
      expect = { goal = "baked", message = "missing" } },
  },
}
