-- Lesson 6: copy on write. The first write to a file of the image copies all of it,
-- however little is written; the second one copies nothing.
--
-- The lines need neither quotes, `;` nor `>`: what writes is a script in the image.
-- Times are measured by `cow` on this machine; a check asks for an order that is plain.

lesson{ format = 1, id = "cow", needs = { "diff" }, minutes = 15, points = 10 }

local BOOK = 8 * 1024 * 1024

local function keep_library(w)
  if not w:image("library") then
    w:copy("files/library", "library")
    w:type("build -t library library")
  end
end

-- What most often went wrong with a container, whatever it was to do.
local function no_container(w, c)
  local last = w:containers()[1]
  local name = (w:last_run() or ""):match("%-%-name[= ](%S+)")
  if w:ran_with("--rm") then return c:fail("used_rm") end
  -- Where the last one is removed again, those of earlier steps are not to blame.
  local made = w:has_typed("run") or w:has_typed("create")
  if not last or not made or (name and not w:container(name)) then
    return c:fail("none")
  end
  if last:could_not_start() then
    return c:fail("could_not_start", { name = last.name, program = last.args[1] or "" })
  end
  if not w:image(last.image_id):stat("/shelf/book") then
    return c:fail("other_image", { name = last.name, image = last.image })
  end
  if last.status == "created" then return c:not_yet("start " .. last.name) end
  -- It may be in the middle of it.
  if last.running then return c:not_yet("diff " .. last.name) end
  return last
end

-- ---------------------------------------------------------------------------
step{ id = "copy", points = 3,
  setup = keep_library,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "copied", points = 2, after = "guess",
      check = function(w, c)
        local short
        for _, one in ipairs(w:containers()) do
          local book = one:diff():has("C /shelf/book") and one:stat("/shelf/book")
          if book and book.bytes >= BOOK then return end
          short = short or (book and one)
        end
        if short then return c:fail("overwritten", { name = short.name }) end
        local last = no_container(w, c)
        if last then
          c:fail(#last:diff() == 0 and "only_read" or "other_file", { name = last.name })
        end
      end },
    answer{ id = "size", after = "copied", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name writer library scribble /shelf/book")
      w:type("diff writer")
      w:type("ps -a -s")
      w:type("answer 3")
    end,
    function(w) -- one byte in the middle, in a container that goes on
      w:type("answer 2")
      w:type("docker run -d --name pen library sleep 600")
      w:type("docker exec pen dd if=/dev/zero of=/shelf/book bs=1 count=1 conv=notrunc")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "nothing run",
      run = function(w) w:type("answer 3") end,
      expect = { goal = "copied", message = "none" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm --name writer library scribble /shelf/book")
      end,
      expect = { goal = "copied", message = "used_rm" } },
    { name = "made, and not started yet",
      run = function(w)
        w:type("answer 3")
        w:type("create --name writer library scribble /shelf/book")
      end,
      expect = { goal = "copied", message = "not_yet" } },
    { name = "read, not written",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer library wc -c /shelf/book")
      end,
      expect = { goal = "copied", message = "only_read" } },
    { name = "another file",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer library scribble /shelf/bok")
      end,
      expect = { goal = "copied", message = "other_file" } },
    { name = "written from its beginning, and so emptied",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer library cp /bin/scribble /shelf/book")
      end,
      expect = { goal = "copied", message = "overwritten" } },
    { name = "of the base image",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer busybox touch /shelf/book")
      end,
      expect = { goal = "copied", message = "other_image" } },
    { name = "no such program",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer library scrible /shelf/book")
      end,
      expect = { goal = "copied", message = "could_not_start" } },
    { name = "believed that a byte is a byte",
      run = function(w)
        w:type("answer 3")
        w:type("run --name writer library scribble /shelf/book")
        w:type("answer 1")
      end,
      expect = { goal = "size", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "once", points = 2,
  setup = keep_library,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 1, predict = true },
    measure{ id = "first", after = "guess", more = "cow first", less = "cow second",
      times = 3 },
    measure{ id = "volume", after = "first", more = "cow first", less = "cow volume",
      times = 3 },
  },
  solve = {
    function(w)
      w:type("answer 2")
      w:type("cow library:/shelf/book")
    end,
    function(w) -- of a container
      w:type("answer 1")
      w:type("docker create --name box library")
      w:type("cow box:/shelf/book --append 10")
    end,
  },
  wrong = {
    { name = "only guessed",
      run = function(w) w:type("answer 1") end,
      expect = { goal = "first", message = "not_measured" } },
    { name = "looked up, not written",
      run = function(w)
        w:type("answer 1")
        w:type("lookup library:/shelf/book")
      end,
      expect = { goal = "first", message = "not_measured" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "size", points = 2,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    measure{ id = "grows", after = "guess", more = "copy-up 100", less = "copy-up 1",
      times = 3 },
    answer{ id = "chmod", after = "grows", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("cow --lab")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "one file alone tells nothing of sizes",
      run = function(w)
        w:type("answer 2")
        w:type("cow busybox:/bin/busybox")
      end,
      expect = { goal = "grows", message = "not_measured" } },
    { name = "believed that chmod writes no data",
      run = function(w)
        w:type("answer 2")
        w:type("cow --lab")
        w:type("answer 1")
      end,
      expect = { goal = "chmod", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The newest container whose shelf is somewhere else now.
local function moved(w)
  for _, one in ipairs(w:containers()) do
    local changes = one:diff()
    for _, change in ipairs(changes:has("D /shelf") and changes or {}) do
      if change:find("^A /.*/book$") then return one end
    end
  end
end

step{ id = "move", points = 3,
  setup = keep_library,
  show = function(w)
    local one = moved(w)
    return { mover = one and one.name or "mover" }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "moved", points = 2, after = "guess",
      check = function(w, c)
        if moved(w) then return end
        local last = no_container(w, c)
        if not last then return end
        local changes = last:diff()
        if changes:has("D /shelf/book") then
          c:fail("file_only", { name = last.name })
        elseif changes:has("D /shelf") then
          c:fail("deleted", { name = last.name })
        else
          c:fail("not_moved", { name = last.name })
        end
      end },
    answer{ id = "whiteout", after = "moved", right = { "c", "c---------" } },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name mover library mv /shelf /desk")
      w:type("diff mover")
      w:type("ps -a -s")
      w:type("ls -l ../containers/by-name/mover/upper")
      w:type("answer c")
    end,
    function(w) -- the same by hand
      w:type("answer 3")
      w:type("docker run -d --name hands library sleep 600")
      w:type("docker exec hands cp -r /shelf /home/shelf")
      w:type("docker exec hands rm -r /shelf")
      w:type("answer C")
    end,
  },
  wrong = {
    { name = "the book alone",
      run = function(w)
        w:type("answer 3")
        w:type("run --name mover library mv /shelf/book /novel")
      end,
      expect = { goal = "moved", message = "file_only" } },
    { name = "deleted, not moved",
      run = function(w)
        w:type("answer 3")
        w:type("run --name mover library rm -r /shelf")
      end,
      expect = { goal = "moved", message = "deleted" } },
    { name = "copied, not moved",
      run = function(w)
        w:type("answer 3")
        w:type("run --name mover library cp -r /shelf /desk")
      end,
      expect = { goal = "moved", message = "not_moved" } },
    { name = "copied, and the container removed",
      run = function(w)
        w:type("answer 3")
        w:type("run --name mover library cp -r /shelf /desk")
        w:type("rm mover")
      end,
      expect = { goal = "moved", message = "none" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 3")
        w:type("run --rm --name mover library mv /shelf /desk")
      end,
      expect = { goal = "moved", message = "used_rm" } },
    { name = "the letter of a folder",
      run = function(w)
        w:type("answer 3")
        w:type("run --name mover library mv /shelf /desk")
        w:type("answer d")
      end,
      expect = { goal = "whiteout", message = "wrong" } },
  },
}
