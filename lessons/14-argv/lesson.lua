-- Lesson 14: what a container starts, and with what around it. CMD and ENTRYPOINT
-- make the command line, ENV and ARG what $NAME is and when, WORKDIR where, USER who.
--
-- Four command lines are predicted, then run. How an image comes to say what it
-- says is free: its program is run as a container of it would run it.
--
-- Where the account has one id only, every process is root inside: there the image
-- still says who it wants to be, and is started as root on purpose.

lesson{ format = 1, id = "argv", needs = { "dockerfile" }, minutes = 25, points = 15 }

var.who = pick{ "Mars", "Venus", "Saturn" }

-- ---- what is started ----

-- ENTRYPOINT, then what was asked for or else CMD.
local function command(image, asked)
  local words = {}
  for _, word in ipairs(image.entrypoint or {}) do words[#words + 1] = word end
  for _, word in ipairs(asked or image.cmd or {}) do words[#words + 1] = word end
  return words
end

-- What a container of the image prints (one line, without its end), and how it ended.
local function prints(image, asked, env)
  local words = command(image, asked)
  if #words == 0 then return "" end
  if env then
    table.insert(words, 1, env)
    table.insert(words, 1, "env")
  elseif #words == 1 then
    table.insert(words, 1, "env") -- so that it is a program, and no line for a shell
  end
  local said, status = image:run(table.unpack(words))
  return ((said or ""):gsub("%s+$", "")), status
end

-- ---- what typically went wrong ----

-- The last build did not come as far as its first step.
local function refused(w)
  local last
  for _, done in ipairs(w:lines()) do
    if (" " .. done.line .. " "):find(" build ", 1, true) then last = done end
  end
  local build = w:built()
  return last and last.status ~= 0 and
         (not build or build.number < 1 or build.ok or #build.steps == 0)
end

-- Why there is no image `tag`. `before`: the one that comes before it, and is fine.
local function not_built(w, c, tag, before)
  if w:image(tag) then return end
  if refused(w) then return c:fail("refused") end
  local build, first = w:built(), before and w:image(before)
  if build and first and build.image == first.id then return c:fail("now", { tag = tag }) end
  if not build or build.number < 1 then return c:fail("not_yet", { tag = tag }) end
  if not build.ok then return c:fail("build_failed", { line = build:failed() }) end
  local image = w:image(build.image)
  if image and image.tags[1] then
    return c:fail("other_name", { name = image.tags[1], tag = tag })
  end
  c:fail("not_yet", { tag = tag })
end

-- An image of an earlier try is there, and the last build, which was to mend it, failed.
local function not_mended(w, c)
  if refused(w) then return c:fail("refused") end
  local build = w:built()
  if build and build.number >= 1 and not build.ok then
    c:fail("build_failed", { line = build:failed() })
  end
end

-- The newest line of this step that ended well and has all these words.
local function did(w, ...)
  for _, done in ipairs(w:lines()) do
    local line, all = " " .. done.line .. " ", done.status == 0
    for _, word in ipairs{ ... } do
      all = all and line:find(word, 1, true) ~= nil
    end
    if all then return true end
  end
  return false
end

-- ---------------------------------------------------------------------------
local function says_evening(box)
  return box.exit == 0 and (box:log() or ""):find("good evening", 1, true)
end

-- With --rm: the line is all that is left of it.
local function said_and_removed(w)
  for _, done in ipairs(w:lines()) do
    local line = " " .. done.line
    if done.status == 0 and line:find(" run .*%-%-rm .*say:1 .*echo .*good evening") then
      return true
    end
  end
  return false
end

step{ id = "cmd", points = 2,
  setup = function(w)
    w:write("say/Dockerfile", "FROM busybox\nCMD [\"echo\", \"good\", \"morning\"]\n")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    image{ id = "built", after = "guess", tag = "say:1", base = "busybox",
      diagnose = function(w, c) not_built(w, c, "say:1") end },
    custom{ id = "evening", after = "built",
      check = function(w, c)
        local image = w:image("say:1")
        if not image then return c:fail("not_yet", { tag = "say:1" }) end
        local other
        for _, box in ipairs(w:containers()) do
          if box.image_id == image.id then
            if says_evening(box) then return end
            other = other or box
          end
        end
        if said_and_removed(w) then return end
        if not other then return c:fail("none_yet") end
        if other.status == "created" and other.error == "" then
          return c:not_yet("start " .. other.name)
        elseif other.status == "created" then
          local program = other.args[1] or ""
          return c:fail(program:find(" ", 1, true) and "one_word" or "no_program",
                        { name = other.name, program = program })
        end
        c:fail("other_words", { name = other.name, words = table.concat(other.args, " ") })
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t say:1 say")
      w:type("run --rm say:1")
      w:type("run --rm say:1 evening")
      w:type("run say:1 echo good evening")
    end,
    function(w) -- with --rm, and by a shell
      w:type("answer 3")
      w:type("docker build -t say:1 say")
      w:type("docker run --rm say:1 evening")
      w:type("docker run --name eve say:1 sh -c 'echo good evening'")
    end,
    function(w)
      w:type("answer 2")
      w:type("build -t say:1 say")
      w:type("run --rm say:1 sh -c 'echo good evening'")
    end,
  },
  wrong = {
    { name = "only the word that is another one",
      run = function(w)
        w:type("answer 1")
        w:type("build -t say:1 say")
        w:type("run say:1 evening")
      end,
      expect = { goal = "evening", message = "no_program" } },
    { name = "quotes make one word of it",
      run = function(w)
        w:type("answer 1")
        w:type("build -t say:1 say")
        w:type("run say:1 'echo good evening'")
      end,
      expect = { goal = "evening", message = "one_word" } },
    { name = "as it is",
      run = function(w)
        w:type("answer 1")
        w:type("build -t say:1 say")
        w:type("run say:1")
      end,
      expect = { goal = "evening", message = "other_words" } },
    { name = "no tag",
      run = function(w)
        w:type("answer 1")
        w:type("build -t say say")
      end,
      expect = { goal = "built", message = "other_name" } },
  },
}

-- ---------------------------------------------------------------------------
-- With --rm: the line is all that is left of it.
local function replaced_by_ls(w)
  for _, done in ipairs(w:lines()) do
    local line = " " .. done.line .. " "
    if done.status == 0 and line:find(" run .*%-%-entrypoint[ =]\"?[%w/]*%f[%w]ls\"? .*say:2 ") then
      return true
    end
  end
  return false
end

step{ id = "entrypoint", points = 3,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "works", points = 2, after = "guess",
      check = function(w, c)
        local image = w:image("say:2")
        if not image then
          c:fail("not_yet", { tag = "say:2" })
          return not_built(w, c, "say:2")
        end
        local alone, said = prints(image), prints(image, { "evening" })
        if alone == "good morning" and said == "good evening" then return end
        if #(image.entrypoint or {}) == 0 then return c:fail("no_entrypoint") end
        if said == alone then return c:fail("shell_form", { said = said }) end
        if said == "good morning evening" then return c:fail("too_much") end
        if alone ~= "good morning" then return c:fail("alone", { said = alone }) end
        c:fail("with_word", { said = said })
      end },
    custom{ id = "ls", points = 1, after = "works",
      check = function(w, c)
        local image = w:image("say:2")
        if not image then return c:fail("not_yet", { tag = "say:2" }) end
        for _, box in ipairs(w:containers()) do
          if box.image_id == image.id and box.exit == 0 and box.status ~= "created" and
             (box.args[1] or ""):match("[^/]*$") == "ls" then return end
        end
        if replaced_by_ls(w) then return end
        if did(w, " run ", " say:2 ") and did(w, " ls ") then return c:fail("printed") end
        c:fail("not_ls")
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT [\"echo\", \"good\"]\n" ..
              "CMD [\"morning\"]\n")
      w:type("build -t say:2 say")
      w:type("run --rm say:2 ls")
      w:type("argv say:2 evening")
      w:type("run --rm --entrypoint ls say:2")
    end,
    function(w) -- on top of the first one; the CMD is written anew
      w:type("answer 3")
      w:write("say/Dockerfile", "FROM say:1\nENTRYPOINT [\"/bin/echo\", \"good\"]\n" ..
              "CMD [\"morning\"]\n")
      w:type("docker build -t say:2 say")
      w:type("docker run --rm --entrypoint=/bin/ls say:2 -l /")
    end,
  },
  wrong = {
    { name = "CMD with other words",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nCMD [\"echo\", \"good\", \"evening\"]\n")
        w:type("build -t say:2 say")
      end,
      expect = { goal = "works", message = "no_entrypoint" } },
    { name = "a word that Docker does not know",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRY [\"echo\", \"good\"]\n")
        w:type("build -t say:2 say")
      end,
      expect = { goal = "works", message = "refused" } },
    { name = "all words in ENTRYPOINT",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT [\"echo\", \"good\", \"morning\"]\n")
        w:type("build -t say:2 say")
      end,
      expect = { goal = "works", message = "too_much" } },
    { name = "without brackets",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT echo good\nCMD [\"morning\"]\n")
        w:type("build -t say:2 say")
      end,
      expect = { goal = "works", message = "shell_form" } },
    { name = "no CMD",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT [\"echo\", \"good\"]\n")
        w:type("build -t say:2 say")
      end,
      expect = { goal = "works", message = "alone" } },
    { name = "ls behind the name",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT [\"echo\", \"good\"]\n" ..
                "CMD [\"morning\"]\n")
        w:type("build -t say:2 say")
        w:type("run --rm say:2 ls")
      end,
      expect = { goal = "ls", message = "printed" } },
    { name = "the option behind the name",
      run = function(w)
        w:type("answer 1")
        w:write("say/Dockerfile", "FROM busybox\nENTRYPOINT [\"echo\", \"good\"]\n" ..
                "CMD [\"morning\"]\n")
        w:type("build -t say:2 say")
        w:type("run --rm say:2 --entrypoint ls")
      end,
      expect = { goal = "ls", message = "printed" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "forms", points = 4,
  setup = function(w)
    w:write("exec/Dockerfile", "FROM busybox\nENV NAME=World\n" ..
            "CMD [\"echo\", \"hello\", \"$NAME\"]\n")
    w:write("shell/Dockerfile", "FROM busybox\nENV NAME=World\nENTRYPOINT echo hello $NAME\n")
    w:type("build -q -t exec exec")
    w:type("build -q -t shell shell")
  end,
  goals = {
    answer{ id = "dollar", points = 0, choices = 3, right = 2, predict = true },
    answer{ id = "there", points = 0, after = "dollar", choices = 3, right = 2, predict = true },
    answer{ id = "shells", points = 2, after = "there", right = 4,
      diagnose = function(w, c)
        local said = w:answer("forms/shells")
        if said == "5" then c:fail("nearly") end
      end },
    custom{ id = "mended", points = 2, after = "shells",
      check = function(w, c)
        local image = w:image("exec:2")
        if not image then
          c:fail("not_yet", { tag = "exec:2" })
          return not_built(w, c, "exec:2")
        end
        local said, moon = prints(image), prints(image, nil, "NAME=Moon")
        if said == "hello World" and moon == "hello Moon" then return end
        if said:find("$", 1, true) then return c:fail("still_dollar", { said = said }) end
        if said == "hello World" then return c:fail("fixed_name", { said = moon }) end
        c:fail("other", { said = said })
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("answer 1")
      w:type("run --rm exec")
      w:type("run --rm shell there")
      w:type("argv shell there")
      w:type("answer 4")
      w:write("exec/Dockerfile", "FROM busybox\nENV NAME=World\nCMD echo hello $NAME\n")
      w:type("build -t exec:2 exec")
      w:type("run --rm -e NAME=Moon exec:2")
    end,
    function(w) -- with brackets, and a shell in them
      w:type("answer 2")
      w:type("answer 3")
      w:type("answer 4")
      w:write("exec/Dockerfile", "FROM busybox\nENV NAME World\n" ..
              "ENTRYPOINT [\"sh\", \"-c\", \"echo hello ${NAME}\"]\n")
      w:type("docker build -t exec:2 exec")
    end,
  },
  wrong = {
    { name = "every line with a shell counted",
      run = function(w) w:type("answer 1") w:type("answer 1") w:type("answer 5") end,
      expect = { goal = "shells", message = "nearly" } },
    { name = "quotes in place of brackets",
      run = function(w)
        w:type("answer 1") w:type("answer 1") w:type("answer 4")
        w:write("exec/Dockerfile", "FROM busybox\nENV NAME=World\nCMD echo hello '$NAME'\n")
        w:type("build -t exec:2 exec")
      end,
      expect = { goal = "mended", message = "still_dollar" } },
    { name = "the word itself",
      run = function(w)
        w:type("answer 1") w:type("answer 1") w:type("answer 4")
        w:write("exec/Dockerfile", "FROM busybox\nENV NAME=World\nCMD [\"echo\", \"hello\", \"World\"]\n")
        w:type("build -t exec:2 exec")
      end,
      expect = { goal = "mended", message = "fixed_name" } },
    { name = "ENV lost",
      run = function(w)
        w:type("answer 1") w:type("answer 1") w:type("answer 4")
        w:write("exec/Dockerfile", "FROM busybox\nCMD echo hello $NAME\n")
        w:type("build -t exec:2 exec")
      end,
      expect = { goal = "mended", message = "other" } },
  },
}

-- ---------------------------------------------------------------------------
local NOTE = "FROM busybox\nARG NAME=World\nWORKDIR /srv\nWORKDIR notes\n" ..
             "RUN echo \"hello $NAME\" > note.txt\n"
local NOTE_CMD = "CMD [\"sh\", \"-c\", \"cat note.txt; echo NAME is $NAME\"]\n"

step{ id = "env", points = 3,
  setup = function(w) w:write("note/Dockerfile", NOTE .. NOTE_CMD) end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "built", points = 0, after = "guess",
      check = function(w, c)
        local image = w:image("note:1")
        if not image then
          c:fail("not_yet", { tag = "note:1" })
          return not_built(w, c, "note:1")
        end
        local note = image:file("/srv/notes/note.txt") or ""
        if not note:find("hello Moon", 1, true) then
          c:fail("no_moon", { note = (note:gsub("%s+$", "")) })
        end
      end },
    answer{ id = "where", points = 1, after = "built", right = { "/srv/notes", "/srv/notes/" } },
    custom{ id = "both", points = 2, after = "where",
      check = function(w, c)
        local image = w:image("note:2")
        if not image then
          c:fail("not_yet", { tag = "note:2" })
          return not_built(w, c, "note:2", "note:1")
        end
        local note = image:file("/srv/notes/note.txt") or ""
        local who = image.env.NAME
        if image:history():index("ARG NAME") == math.huge then return c:fail("no_arg") end
        if who == nil then return c:fail("no_env") end
        if who == "" then return c:fail("empty_env") end
        if who ~= var.who then return c:fail("other_env", { said = who }) end
        if (w:read("note/Dockerfile") or ""):find("ENV%s+NAME[ =][\"']?" .. who) then
          return c:fail("fixed_env")
        end
        if not note:find("hello " .. var.who, 1, true) then
          c:fail("other_note", { note = (note:gsub("%s+$", "")) })
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build --build-arg NAME=Moon -t note:1 note")
      w:type("run --rm note:1")
      w:type("run --rm note:1 pwd")
      w:type("answer /srv/notes")
      w:write("note/Dockerfile", NOTE .. "ENV NAME=$NAME\n" .. NOTE_CMD)
      w:type("build --build-arg NAME=%{who} -t note:2 note")
      w:type("run --rm note:2")
    end,
    function(w) -- ENV right below ARG, the old spelling of it, another default
      w:type("answer 2")
      w:type("docker build -t note:1 --build-arg NAME=Moon note")
      w:type("answer /srv/notes/")
      w:write("note/Dockerfile", "FROM busybox\nARG NAME=%{who}\nENV NAME ${NAME}\n" ..
              "WORKDIR /srv/notes\nRUN echo hello $NAME > note.txt\n" .. NOTE_CMD)
      w:type("docker build -t note:2 note")
    end,
  },
  wrong = {
    { name = "the name itself in the Dockerfile",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /srv/notes")
        w:write("note/Dockerfile", (NOTE:gsub("RUN", "ENV NAME=%%{who}\nRUN", 1)) .. NOTE_CMD)
        w:type("build -t note:2 note")
      end,
      expect = { goal = "both", message = "fixed_env" } },
    { name = "--build-arg forgotten",
      run = function(w)
        w:type("answer 1")
        w:type("build -t note:1 note")
      end,
      expect = { goal = "built", message = "no_moon" } },
    { name = "only the last WORKDIR",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /notes")
      end,
      expect = { goal = "where", message = "wrong" } },
    { name = "no ENV",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /srv/notes")
        w:type("build --build-arg NAME=%{who} -t note:2 note")
      end,
      expect = { goal = "both", message = "no_env" } },
    { name = "ENV, but built without --build-arg",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /srv/notes")
        w:write("note/Dockerfile", NOTE .. "ENV NAME=$NAME\n" .. NOTE_CMD)
        w:type("build -t note:2 note")
      end,
      expect = { goal = "both", message = "other_env" } },
    { name = "ENV above ARG",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /srv/notes")
        w:write("note/Dockerfile", "FROM busybox\nENV NAME=$NAME\n" ..
                (NOTE:gsub("^FROM busybox\n", "")) .. NOTE_CMD)
        w:type("build --build-arg NAME=%{who} -t note:2 note")
      end,
      expect = { goal = "both", message = "empty_env" } },
    { name = "ENV in place of ARG",
      run = function(w)
        w:type("answer 1")
        w:type("build --build-arg NAME=Moon -t note:1 note")
        w:type("answer /srv/notes")
        w:write("note/Dockerfile", "FROM busybox\nENV NAME=%{who}\nWORKDIR /srv/notes\n" ..
                "RUN echo hello $NAME > note.txt\n" .. NOTE_CMD)
        w:type("build --build-arg NAME=%{who} -t note:2 note")
      end,
      expect = { goal = "both", message = "no_arg" } },
  },
}

-- ---------------------------------------------------------------------------
local function is_root(user)
  local name = (user or ""):match("^[^:]*")
  return name == "" or name == "root" or name == "0"
end

local DATA = "FROM busybox\nWORKDIR /data\n"
local DATA_CMD = "CMD [\"sh\", \"-c\", \"id; touch note.txt && ls -ln\"]\n"
local function data_file(w) w:write("data/Dockerfile", DATA .. "USER 1234\n" .. DATA_CMD) end

step{ id = "user", only_if = "ids", points = 3,
  setup = data_file,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "built", points = 0, after = "guess", tag = "data:1", user = "1234",
      diagnose = function(w, c) not_built(w, c, "data:1") end },
    answer{ id = "group", points = 1, after = "built", right = 0 },
    custom{ id = "writes", points = 2, after = "group",
      check = function(w, c)
        local image = w:image("data:2")
        if not image then
          c:fail("not_yet", { tag = "data:2" })
          return not_built(w, c, "data:2", "data:1")
        end
        if is_root(image.user) then return c:fail("is_root") end
        if not image:stat("/data") then return c:fail("elsewhere") end
        local said, status = image:run("touch /data/note.txt && id -u")
        if status ~= 0 then
          local written = image:history()
          local given = written:index("chown") ~= math.huge or
                        written:index("chmod") ~= math.huge
          c:fail(given and "other_owner" or "cannot_write", { user = image.user })
          return not_mended(w, c)
        end
        if (said or ""):match("%d+") == "0" then c:fail("is_root") end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t data:1 data")
      w:type("run --rm data:1")
      w:type("answer 0")
      w:write("data/Dockerfile", DATA .. "RUN chown 1234 /data\nUSER 1234\n" .. DATA_CMD)
      w:type("build -t data:2 data")
      w:type("run --rm data:2")
    end,
    function(w) -- a user with a name, and the rights by the group
      w:type("answer 2")
      w:type("build -t data:1 data")
      w:type("answer 0")
      w:write("data/Dockerfile", DATA .. "RUN chgrp users . && chmod g+w .\n" ..
              "USER 4321:users\n" .. DATA_CMD)
      w:type("docker build -t data:2 data")
    end,
  },
  wrong = {
    { name = "the group taken for the user",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("answer 1234")
      end,
      expect = { goal = "group", message = "wrong" } },
    { name = "chown below USER",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("answer 0")
        w:write("data/Dockerfile", DATA .. "USER 1234\nRUN chown 1234 /data\n" .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "build_failed" } },
    { name = "root again",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("answer 0")
        w:write("data/Dockerfile", DATA .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "is_root" } },
    { name = "WORKDIR below USER",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("answer 0")
        w:write("data/Dockerfile", "FROM busybox\nUSER 1234\nWORKDIR /data\n" .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "cannot_write" } },
    { name = "given to somebody else",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("answer 0")
        w:write("data/Dockerfile", DATA .. "RUN chown nobody /data\nUSER 1234\n" .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "other_owner" } },
  },
}

step{ id = "user_one", unless = "ids", points = 3,
  setup = data_file,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    image{ id = "built", points = 0, after = "guess", tag = "data:1", user = "1234",
      diagnose = function(w, c) not_built(w, c, "data:1") end },
    custom{ id = "as_root", points = 1, after = "built",
      check = function(w, c)
        local image = w:image("data:1")
        for _, box in ipairs(w:containers()) do
          if image and box.image_id == image.id and box.status == "exited" and
             box.exit == 0 then return end
        end
        if did(w, " run ", " --rm ", " -u ", " data:1 ") or
           did(w, " run ", " --rm ", "--user", " data:1 ") then return end
        c:fail("not_as_root")
      end },
    custom{ id = "writes", points = 2, after = "as_root",
      check = function(w, c)
        local image = w:image("data:2")
        if not image then
          c:fail("not_yet", { tag = "data:2" })
          return not_built(w, c, "data:2", "data:1")
        end
        if is_root(image.user) then
          c:fail("is_root")
          return not_mended(w, c)
        end
        if not image:stat("/data") then
          c:fail("elsewhere")
          return not_mended(w, c)
        end
        local folder = image:stat("/data")
        if not (folder and folder.mode:find("[2367]$")) then
          c:fail("cannot_write", { mode = folder and folder.mode or "-" })
          not_mended(w, c)
        end
      end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t data:1 data")
      w:type("run --rm data:1")
      w:type("run --rm -u root data:1")
      w:write("data/Dockerfile", DATA .. "RUN chmod 1777 /data\nUSER 1234\n" .. DATA_CMD)
      w:type("build -t data:2 data")
    end,
    function(w)
      w:type("answer 3")
      w:type("build -t data:1 data")
      w:type("docker run --user 0:0 data:1")
      w:write("data/Dockerfile", DATA .. "RUN chmod o+w .\nUSER nobody\n" .. DATA_CMD)
      w:type("docker build -t data:2 data")
    end,
  },
  wrong = {
    { name = "as the image wants it",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run data:1")
      end,
      expect = { goal = "as_root", message = "not_as_root" } },
    { name = "chmod below USER",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run --rm -u root data:1")
        w:write("data/Dockerfile", DATA .. "USER 1234\nRUN chmod 777 /data\n" .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "build_failed" } },
    { name = "the file unchanged",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run --rm -u root data:1")
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "cannot_write" } },
    { name = "for the group only, which has 1234 in it too, but not everybody",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run --rm -u root data:1")
        w:write("data/Dockerfile", DATA .. "RUN chmod 775 /data\nUSER 1234\n" .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "cannot_write" } },
    { name = "the second try fails",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run --rm -u root data:1")
        w:type("build -t data:2 data")
        w:write("data/Dockerfile", "FROM busybox\nUSER 1234\nRUN mkdir /data\n")
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "build_failed" } },
    { name = "root again",
      run = function(w)
        w:type("answer 1")
        w:type("build -t data:1 data")
        w:type("run --rm -u root data:1")
        w:write("data/Dockerfile", DATA .. DATA_CMD)
        w:type("build -t data:2 data")
      end,
      expect = { goal = "writes", message = "is_root" } },
  },
}
