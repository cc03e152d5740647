-- Lesson 4: the writable layer. What a container changes lies in a folder of its
-- own, over an image that stays as it was.
--
-- No command of this lesson needs quotes, `;` or `>`: a quote forgotten would
-- make the learner's own machine run the second half of the line. And `rm` at
-- the prompt is Docker's, so even `rm -r /bin` typed without the rest only says
-- that there is no such container.

lesson{ format = 1, id = "diff", needs = {}, minutes = 12, points = 10 }

-- What typically went wrong, told by the state it left behind.

local function none_of_that_name(w, c, name)
  for _, other in ipairs(w:containers()) do
    if other.args[1] == "touch" and other.name ~= name and
       other:diff():has("A /tmp/" .. name .. ".txt") then
      return c:fail("other_name", { name = other.name })
    end
  end
  if w:ran_with("--rm") then return c:fail("used_rm") end
  if w:typed_outside("touch") then return c:fail("on_host") end
end

-- The right thing was run, but in a container of another name.
local function under_other_name(w, c, program, wanted)
  local last = w:containers()[1]
  if last and w:has_typed("run") and last.name ~= wanted and last.args[1] == program then
    c:fail("other_name", { name = last.name })
    return true
  end
end

-- ---------------------------------------------------------------------------
step{ id = "touch", points = 3,
  goals = {
    container{ id = "ran", name = "hoge", exit = 0,
      diagnose = function(w, c)
        local hoge = w:container("hoge")
        if not hoge then return none_of_that_name(w, c, "hoge") end
        if hoge:could_not_start() then
          c:fail("could_not_start", { program = hoge.args[1] })
        end
      end },
    diff{ id = "made", after = "ran", container = "hoge",
      has = { "C /tmp", "A /tmp/hoge.txt" },
      diagnose = function(w, c)
        local hoge = w:container("hoge")
        for _, change in ipairs(hoge and hoge:diff() or {}) do
          local path = change:match("^A (.*hoge.*)$")
          if path then return c:fail("other_place", { path = path }) end
        end
        if w:typed_outside("touch") then c:fail("on_host") end
      end },
    answer{ id = "why", after = "made", choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("run --name hoge busybox touch /tmp/hoge.txt")
      w:type("diff hoge")
      w:type("answer 2")
    end,
    function(w) -- as the course page has it
      w:type("docker run --name hoge ubuntu touch /tmp/hoge.txt")
      w:type("docker container diff hoge")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "removed as soon as it ended",
      run = function(w) w:type("run --rm --name hoge busybox touch /tmp/hoge.txt") end,
      expect = { goal = "ran", message = "used_rm" } },
    { name = "a shell that did not find the program",
      run = function(w) w:type("run --name hoge busybox sh -c tuch") end,
      expect = { goal = "ran", message = "exit" } },
    { name = "another name",
      run = function(w) w:type("run --name hogge busybox touch /tmp/hoge.txt") end,
      expect = { goal = "ran", message = "other_name" } },
    { name = "no such program",
      run = function(w) w:type("run --name hoge busybox tuch /tmp/hoge.txt") end,
      expect = { goal = "ran", message = "could_not_start" } },
    { name = "nothing but touch, in the learner's own folder",
      run = function(w) w:type("touch hoge.txt") end,
      expect = { goal = "ran", message = "on_host" } },
    { name = "a container, and touch outside of it",
      run = function(w)
        w:type("run --name hoge busybox true")
        w:type("touch hoge.txt")
      end,
      expect = { goal = "made", message = "on_host" } },
    { name = "another folder",
      run = function(w) w:type("run --name hoge busybox touch /hoge.txt") end,
      expect = { goal = "made", message = "other_place" } },
    { name = "a wrong answer",
      run = function(w)
        w:type("run --name hoge busybox touch /tmp/hoge.txt")
        w:type("answer 3")
      end,
      expect = { goal = "why", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "wreck", points = 2,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    container{ id = "ran", after = "guess", name = "wreck", exit = 0,
      diagnose = function(w, c)
        local wreck = w:container("wreck")
        if not wreck then
          if under_other_name(w, c, "rm", "wreck") then return end
          if w:ran_with("--rm") and w:ran_with("wreck") then c:fail("used_rm") end
        elseif wreck:could_not_start() then
          c:fail("could_not_start", { program = wreck.args[1] })
        elseif wreck.status == "created" then
          c:not_yet("start wreck")
        elseif wreck.args[1] == "rm" and not wreck.running then
          c:fail("without_r")
        end
      end },
    diff{ id = "deleted", after = "ran", container = "wreck", has = { "D /bin" } },
    -- Prediction and measurement: whoever answers has looked.
    answer{ id = "lines", points = 0, after = "deleted", right = 1 },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:type("run --name wreck busybox rm -r /bin")
      w:type("diff wreck")
      w:type("answer 1")
    end,
  },
  wrong = {
    { name = "a folder without -r",
      run = function(w)
        w:type("answer 1")
        w:type("run --name wreck busybox rm /bin")
      end,
      expect = { goal = "ran", message = "without_r" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm --name wreck busybox rm -r /bin")
      end,
      expect = { goal = "ran", message = "used_rm" } },
    { name = "another name",
      run = function(w)
        w:type("answer 1")
        w:type("run busybox rm -r /bin")
      end,
      expect = { goal = "ran", message = "other_name" } },
    { name = "only one program",
      run = function(w)
        w:type("answer 1")
        w:type("run --name wreck busybox rm /bin/vi")
      end,
      expect = { goal = "deleted", message = "missing" } },
    { name = "the guess instead of what is there",
      run = function(w)
        w:type("answer 3")
        w:type("run --name wreck busybox rm -r /bin")
        w:type("answer 400")
      end,
      expect = { goal = "lines", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "image", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    container{ id = "ran", after = "guess", name = "fresh", exit = 0,
      diagnose = function(w, c)
        local fresh = w:container("fresh")
        if fresh and fresh:could_not_start() then
          c:fail("could_not_start", { program = fresh.args[1] })
        elseif not fresh and not under_other_name(w, c, "ls", "fresh") and
               w:ran_with("--rm") then
          c:fail("used_rm")
        end
      end },
    diff{ id = "clean", after = "ran", container = "fresh", empty = true },
    answer{ id = "whiteout", after = "clean", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("answer 3")
      w:type("run --name fresh busybox ls /bin/rm")
      w:type("diff fresh")
      w:type("ls -l ../containers/by-name/wreck/upper")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "it changed something of its own",
      run = function(w)
        w:type("answer 1")
        w:type("run --name fresh busybox touch /bin/fresh")
      end,
      expect = { goal = "clean", message = "not_empty" } },
    { name = "removed as soon as it ended",
      run = function(w)
        w:type("answer 1")
        w:type("run --rm --name fresh busybox ls /bin/rm")
      end,
      expect = { goal = "ran", message = "used_rm" } },
    { name = "another name",
      run = function(w)
        w:type("answer 1")
        w:type("run busybox ls /bin/rm")
      end,
      expect = { goal = "ran", message = "other_name" } },
    { name = "did not look, guessed",
      run = function(w)
        w:type("answer 3")
        w:type("run --name fresh busybox ls /bin/rm")
        w:type("answer 1")
      end,
      expect = { goal = "whiteout", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local THREE = { "/etc/passwd", "/etc/hosts", "/dev/shm/note" }

step{ id = "edges", points = 2,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    -- Two of the three leave no trace: what `touch` was told to do shows them.
    custom{ id = "three", points = 0, after = "guess",
      check = function(w, c)
        local quiet = w:container("quiet")
        if not quiet then
          if not under_other_name(w, c, "touch", "quiet") then c:fail("no_quiet") end
          return
        end
        local line = table.concat(quiet.args, " ") .. " "
        for _, path in ipairs(quiet.args[1] == "touch" and THREE or {}) do
          if not line:find(" " .. path .. " ", 1, true) then
            return c:fail("not_all", { path = path })
          end
        end
      end },
    diff{ id = "shown", after = "three", container = "quiet",
      has = { "C /etc", "C /etc/passwd" }, only = true },
    answer{ id = "letter", points = 0, after = "shown", right = "C" },
    gone{ id = "removed", after = "letter", container = "hoge" },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run --name quiet busybox touch /etc/passwd /etc/hosts /dev/shm/note")
      w:type("diff quiet")
      w:type("answer c")
      w:type("rm hoge")
    end,
    function(w) -- by a shell in there
      w:type("answer 2")
      w:type("docker run -d --name quiet busybox sleep 600")
      w:type("docker exec quiet touch /etc/passwd /etc/hosts /dev/shm/note")
      w:type("answer C")
      w:type("docker container rm hoge")
    end,
  },
  wrong = {
    { name = "a slip in a path makes a new file",
      run = function(w)
        w:type("answer 1")
        w:type("run --name quiet busybox touch /etc/passwd /etc/host /dev/shm/note")
      end,
      expect = { goal = "three", message = "not_all" } },
    { name = "the only one that will be listed",
      run = function(w)
        w:type("answer 2")
        w:type("run --name quiet busybox touch /etc/passwd")
      end,
      expect = { goal = "three", message = "not_all" } },
    { name = "one more, which is new",
      run = function(w)
        w:type("answer 2")
        w:type("run --name quiet busybox touch /etc/passwd /etc/hosts /dev/shm/note /note")
      end,
      expect = { goal = "shown", message = "unexpected" } },
    { name = "another name",
      run = function(w)
        w:type("answer 1")
        w:type("run busybox touch /etc/passwd /etc/hosts /dev/shm/note")
      end,
      expect = { goal = "three", message = "other_name" } },
    { name = "the wrong letter",
      run = function(w)
        w:type("answer 2")
        w:type("run --name quiet busybox touch /etc/passwd /etc/hosts /dev/shm/note")
        w:type("answer A")
      end,
      expect = { goal = "letter", message = "wrong" } },
    { name = "the wrong one removed",
      run = function(w)
        w:type("answer 2")
        w:type("run --name quiet busybox touch /etc/passwd /etc/hosts /dev/shm/note")
        w:type("answer C")
        w:type("rm fresh")
      end,
      expect = { goal = "removed", message = "there" } },
  },
}
