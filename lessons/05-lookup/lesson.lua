-- Lesson 5: looking through the layers. Which of them serves a file, which are asked
-- in vain, and whether that costs anything: at the first look-up only, and only in
-- layers that have the folder.
--
-- What is measured is measured by `lookup` on this machine; a check asks for an order
-- that is plain, never for a time.

lesson{ format = 1, id = "lookup", needs = { "diff" }, minutes = 15, points = 10 }

-- The learner's image with the three layers of its own.
local function diner(w)
  for _, image in ipairs(w:images()) do
    if image:stat("/menu/cake.txt") then return image end
  end
end

local function keep_diner(w)
  if not diner(w) then
    w:copy("files/diner", "diner")
    w:type("build -t diner diner")
  end
end

local function show_diner(w)
  local image = diner(w)
  return { diner = image and image.tags[1]:gsub(":latest$", "") or "diner" }
end

-- On a busy machine a look-up may measure nothing that is clear: then once more.
local function look_and_answer(w, line, answer)
  for _ = 1, 9 do
    w:type(line)
    if pcall(w.type, w, answer) then return end
  end
  w:type(answer)
end

-- ---------------------------------------------------------------------------
step{ id = "walk", points = 3,
  setup = function(w) w:copy("files/diner", "diner") end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "built", after = "guess",
      check = function(w, c)
        local image = diner(w)
        if not image then return c:fail("not_built") end
        if #image:layers() ~= 4 then
          c:fail("other_layers", { count = #image:layers() })
        end
      end },
    measure{ id = "first", after = "built", more = "lookup first",
      less = "lookup again", times = 2 },
    answer{ id = "ends", after = "first", right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t diner diner")
      w:type("lookup diner:/menu/soup.txt")
      look_and_answer(w, "lookup diner:/menu/cake.txt", "answer 3")
    end,
    function(w) -- another name, and a container of it
      w:type("answer 2")
      w:type("docker build -t lunch:1 ./diner")
      w:type("docker create --name lunch lunch:1")
      look_and_answer(w, "lookup lunch:/menu/cake.txt", "answer 3")
    end,
  },
  wrong = {
    { name = "looked into the base only",
      run = function(w)
        w:type("answer 2")
        w:type("lookup busybox:/bin/sh")
      end,
      expect = { goal = "built", message = "not_built" } },
    { name = "a layer more",
      run = function(w)
        w:type("answer 2")
        w:edit("diner/Dockerfile", "COPY cake.txt", "COPY cake.txt /menu/pie.txt\nCOPY cake.txt")
        w:type("build -t diner diner")
      end,
      expect = { goal = "built", message = "other_layers" } },
    { name = "not looked yet",
      run = function(w)
        w:type("answer 2")
        w:type("build -t diner diner")
      end,
      expect = { goal = "first", message = "not_measured" } },
    { name = "the top layer, as with the soup",
      run = function(w)
        w:type("answer 2")
        w:type("build -t diner diner")
        look_and_answer(w, "lookup diner:/menu/soup.txt", "answer 4")
      end,
      expect = { goal = "ends", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The container without the soup; before there is one, the name in the text.
local function show_guest(w)
  local shown = show_diner(w)
  shown.guest = "guest"
  for _, one in ipairs(w:containers()) do
    if one:diff():has("D /menu/soup.txt") then
      shown.guest = one.name
      break
    end
  end
  return shown
end

step{ id = "hide", points = 2,
  setup = keep_diner,
  show = show_guest,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "deleted", after = "guess",
      check = function(w, c)
        local all = w:containers()
        for _, one in ipairs(all) do
          if one:diff():has("D /menu/soup.txt") then return end
        end
        local last = all[1]
        if not last or last.args[1] ~= "rm" then
          c:fail(w:ran_with("--rm") and "used_rm" or "none")
        elseif not last:stat("/menu") then
          c:fail("other_image", { name = last.name, image = last.image })
        else
          c:fail("other_file", { name = last.name })
        end
      end },
    answer{ id = "asked", after = "deleted", right = 1 },
  },
  solve = {
    function(w)
      local name = show_diner(w).diner
      w:type("answer 1")
      w:type("run --name guest " .. name .. " rm /menu/soup.txt")
      w:type("lookup guest:/menu/soup.txt")
      w:type("answer 1")
    end,
    function(w) -- in a container that goes on
      w:type("answer 3")
      w:type("docker run -d --name cook " .. show_diner(w).diner .. " sleep 600")
      w:type("docker exec cook rm /menu/soup.txt")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "nothing done",
      run = function(w) w:type("answer 3") end,
      expect = { goal = "deleted", message = "none" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm --name guest " .. show_diner(w).diner .. " rm /menu/soup.txt")
      end,
      expect = { goal = "deleted", message = "used_rm" } },
    { name = "of the base image",
      run = function(w)
        w:type("answer 3")
        w:type("run --name guest busybox rm /menu/soup.txt")
      end,
      expect = { goal = "deleted", message = "other_image" } },
    { name = "a slip in the path",
      run = function(w)
        w:type("answer 3")
        w:type("run --name guest " .. show_diner(w).diner .. " rm /menu/soup")
      end,
      expect = { goal = "deleted", message = "other_file" } },
    { name = "all layers counted",
      run = function(w)
        w:type("answer 3")
        w:type("run --name guest " .. show_diner(w).diner .. " rm /menu/soup.txt")
        w:type("answer 6")
      end,
      expect = { goal = "asked", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "nobody", points = 2,
  setup = keep_diner,
  show = show_diner,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    answer{ id = "tea", after = "guess", right = 3 },
    answer{ id = "busybox", after = "tea", right = 1 },
  },
  solve = {
    function(w)
      local name = show_diner(w).diner
      w:type("answer 3")
      w:type("lookup " .. name .. ":/menu/tea.txt")
      w:type("answer 3")
      w:type("lookup " .. name .. ":/bin/busybox")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "all layers of the image",
      run = function(w)
        w:type("answer 3")
        w:type("answer 4")
      end,
      expect = { goal = "tea", message = "wrong" } },
    { name = "the line of the folder, not of the file",
      run = function(w)
        w:type("answer 2")
        w:type("answer 3")
        w:type("answer 4")
      end,
      expect = { goal = "busybox", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "cost", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    answer{ id = "guess_again", points = 0, after = "guess", choices = 3, right = 1,
      predict = true },
    measure{ id = "grows", after = "guess_again", more = "lookup 64 first",
      less = "lookup 1 first", times = 3 },
    measure{ id = "once", after = "grows", more = "lookup 64 first",
      less = "lookup 64 again", times = 3 },
    answer{ id = "one", after = { "grows", "once" }, choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("answer 3")
      w:type("lookup --lab")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "another look-up than the one with 64 layers",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("lookup busybox:/bin/sh")
      end,
      expect = { goal = "grows", message = "not_measured" } },
    { name = "the wrong columns",
      run = function(w)
        w:type("answer 2")
        w:type("answer 1")
        w:type("lookup --lab")
        w:type("answer 1")
      end,
      expect = { goal = "one", message = "wrong" } },
  },
}
