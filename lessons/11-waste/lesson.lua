-- Lesson 11: what weighs and is not seen. A later layer can hide what an earlier one
-- holds, never take it away; and what it changes it holds once more, whole.
--
-- Judged are bytes: what an image has more than its base, against the files that it
-- is there for. How a Dockerfile gets there is free, and so is the image's name.

lesson{ format = 1, id = "waste", needs = {}, minutes = 20, points = 15 }

local PROGRAM = 1000030 -- bytes that unpack.sh makes
local PHOTOS, PHOTO_COUNT = 1988895, 20
local SPARE = 1.1 -- how many times the ideal is well

local function mb(bytes) return string.format("%.2f", bytes / 1e6) end

-- ---- what an image weighs ----

-- What it has more than its base.
local function own_bytes(w, image) return image.size - w:image("busybox").size end

local function lean(w, image, ideal) return own_bytes(w, image) <= SPARE * ideal end

-- A step's line, nearly as the Dockerfile has it.
local function as_line(text)
  return text:match("#%(nop%)%s*(.*)$") or "RUN " .. text:gsub("^/bin/sh %-c ", "")
end

-- Its layers that hold the path, counted from below: the first, and how many.
local function layers_with(image, path)
  local first, line
  local count = 0
  for i, layer in ipairs(image:layers()) do
    local there = image:stat(path, i)
    if there and there.kind ~= "o" then
      count = count + 1
      if not first then first, line = i, as_line(layer.text) end
    end
  end
  return first, count, line
end

-- The largest of its own layers, for what has no better name.
local function too_big(w, image)
  local most = { bytes = -1, text = "" }
  for i, layer in ipairs(image:layers()) do
    if i > w:image("busybox").layer_count and layer.bytes > most.bytes then most = layer end
  end
  return "too_big", { line = as_line(most.text), own = mb(own_bytes(w, image)) }
end

-- ---- what is judged ----

-- Met where `judge` has nothing against the step's last image, or against the one of
-- that name; else what is wrong with the last.
local function judged(w, c, tag, judge)
  local build = w:built()
  local new = build and build.number >= 1
  local wrong, with
  for _, name in ipairs{ new and build.ok and build.image or tag, tag } do
    local image = w:image(name)
    if image then
      local key, args = judge(w, image)
      if not key then return end
      if not wrong then wrong, with = key, args end
    end
  end
  if new and not build.ok then return c:fail("failed") end
  c:fail(new and wrong or "no_build", with or {})
end

-- Why there is no image of that name.
local function not_built(w, c, tag)
  local build = w:built()
  if not build or build.number < 1 then return c:fail("no_build") end
  if not build.ok then return c:fail("failed") end
  local image = w:image(build.image)
  if not image or not image.tags[1] then return c:fail("no_name") end
  c:fail("other_name", { name = image.tags[1] })
end

-- The photos of a folder: whether all are there and whole.
local function has_photos(image, folder)
  local bytes = 0
  for i = 0, PHOTO_COUNT - 1 do
    local photo = image:stat(string.format("%s/photo%02d", folder, i))
    if not photo then return false end
    bytes = bytes + photo.bytes
  end
  return bytes == PHOTOS
end

local function make_photos(w, folder)
  w:type("mkdir " .. folder .. "/photos")
  w:type("i=0; while [ $i -lt 20 ]; do seq $((i * 15000 + 1)) $((i * 15000 + 15000)) > " ..
         folder .. "/photos/photo$(printf %02d $i); i=$((i + 1)); done")
end

-- The image's figures, for a text that says how it came out.
local function figures(tag, ideal)
  return function(w)
    local build = w:built()
    local image = build and build.ok and w:image(build.image) or w:image(tag)
    local base = w:image("busybox")
    return { base_mb = base and mb(base.size) or "?", ideal_mb = mb(ideal),
             size_mb = image and mb(image.size) or "?",
             own_mb = image and base and mb(own_bytes(w, image)) or "?" }
  end
end

-- ---------------------------------------------------------------------------
step{ id = "delete", points = 3, show = figures("soup", PROGRAM),
  setup = function(w) w:copy("files/soup", "soup") end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "built", after = "guess",
      check = function(w, c)
        local image = w:image("soup")
        if not image then return not_built(w, c, "soup") end
        if not layers_with(image, "/kitchen/package") then c:fail("changed") end
      end },
    answer{ id = "where", points = 2, after = "built", right = function(w)
      local image = w:image("soup")
      return image and layers_with(image, "/kitchen/package")
    end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t soup soup")
      w:type("layers soup")
      w:type("answer 4")
    end,
    function(w)
      w:type("answer 3")
      w:type("cd soup")
      w:type("docker build -t soup:latest .")
      w:type("docker history soup")
      w:type("whose --all soup")
      w:type("answer 4")
    end,
  },
  wrong = {
    { name = "another name",
      run = function(w)
        w:type("answer 1")
        w:type("build -t sop soup")
      end,
      expect = { goal = "built", message = "other_name" } },
    { name = "the layer of the rm",
      run = function(w)
        w:type("answer 2")
        w:type("build -t soup soup")
        w:type("answer 6")
      end,
      expect = { goal = "where", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
local KITCHEN = "FROM busybox\nWORKDIR /kitchen\nCOPY fetch.sh unpack.sh ./\n"

local function judge_soup(w, image)
  local program = image:stat("/kitchen/program")
  if not program or program.bytes ~= PROGRAM then return "no_program" end
  if image:stat("/kitchen/package") then return "still_there" end
  local layer, _, line = layers_with(image, "/kitchen/package")
  if layer then return "in_layer", { layer = layer, line = line } end
  if not lean(w, image, PROGRAM) then return too_big(w, image) end
end

step{ id = "one_run", points = 4, show = figures("soup", PROGRAM),
  goals = {
    custom{ id = "lean", points = 4,
      check = function(w, c) judged(w, c, "soup", judge_soup) end },
  },
  solve = {
    function(w)
      w:write("soup/Dockerfile", KITCHEN ..
              "RUN sh fetch.sh && sh unpack.sh && rm package\nCMD [\"sh\", \"program\"]\n")
      w:type("build -t soup soup")
      w:type("layers soup")
    end,
    function(w) -- cooked in one image, served in another
      w:write("soup/Dockerfile", "FROM busybox AS cook\nWORKDIR /kitchen\n" ..
              "COPY fetch.sh unpack.sh ./\nRUN sh fetch.sh\nRUN sh unpack.sh\n" ..
              "FROM busybox\nWORKDIR /kitchen\nCOPY --from=cook /kitchen/program .\n" ..
              "CMD [\"sh\", \"program\"]\n")
      w:type("docker build -t soup:2 soup")
    end,
  },
  wrong = {
    { name = "built as it was",
      run = function(w) w:type("build -t soup soup") end,
      expect = { goal = "lean", message = "in_layer" } },
    { name = "all in one RUN but the rm",
      run = function(w)
        w:write("soup/Dockerfile", KITCHEN ..
                "RUN sh fetch.sh && sh unpack.sh\nRUN rm package\n")
        w:type("build -t soup soup")
      end,
      expect = { goal = "lean", message = "in_layer" } },
    { name = "the rm is forgotten",
      run = function(w)
        w:write("soup/Dockerfile", KITCHEN .. "RUN sh fetch.sh && sh unpack.sh\n")
        w:type("build -t soup soup")
      end,
      expect = { goal = "lean", message = "still_there" } },
    { name = "rm before it is unpacked",
      run = function(w)
        w:write("soup/Dockerfile", KITCHEN ..
                "RUN sh fetch.sh && rm package && sh unpack.sh\n")
        w:type("build -t soup soup")
      end,
      expect = { goal = "lean", message = "failed" } },
    { name = "never fetched",
      run = function(w)
        w:write("soup/Dockerfile", KITCHEN .. "CMD [\"sh\", \"program\"]\n")
        w:type("build -t soup soup")
      end,
      expect = { goal = "lean", message = "no_program" } },
  },
}

-- ---------------------------------------------------------------------------
-- An owner is changed where there is more than one to be had; else the mode is: that
-- costs the same.
local function photo_layers(image)
  local _, count = layers_with(image, "/shop/photos/photo00")
  return count
end

local SHOP = "FROM busybox\nWORKDIR /shop\n"

local function shop_built(w, c)
  local image = w:image("shop")
  if not image then return not_built(w, c, "shop") end
  if not has_photos(image, "/shop/photos") then c:fail("no_photos") end
end

local function judge_owner(w, image)
  if not has_photos(image, "/shop/photos") then return "no_photos" end
  if photo_layers(image) > 1 then return "twice" end
  if not lean(w, image, PHOTOS) then return too_big(w, image) end
  local owners = image:run("stat -c %u /shop/photos/*") or ""
  for owner in owners:gmatch("%d+") do
    if owner ~= "1000" then
      if owner ~= "0" then return "other_owner", { owner = owner } end
      return image.user ~= "" and "user_only" or "not_owned", { owner = owner }
    end
  end
end

step{ id = "owner", only_if = "ids", points = 4, show = figures("shop", PHOTOS),
  setup = function(w)
    w:copy("files/shop", "shop")
    make_photos(w, "shop")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "built", after = "guess", check = shop_built },
    answer{ id = "copied", after = "built", right = PHOTO_COUNT },
    custom{ id = "lean", points = 2, after = "copied",
      check = function(w, c) judged(w, c, "shop", judge_owner) end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t shop shop")
      w:type("layers shop")
      w:type("answer 20")
      w:write("shop/Dockerfile", SHOP .. "COPY --chown=1000 photos photos\nUSER 1000\n" ..
              "CMD [\"ls\", \"-l\", \"photos\"]\n")
      w:type("build -t shop shop")
    end,
    function(w) -- another instruction, another name, and a group as well
      w:type("answer 3")
      w:type("docker build -t shop shop")
      w:type("docker history shop")
      w:type("answer 20")
      w:write("shop/Dockerfile", SHOP .. "ADD --chown=1000:1000 . /shop/\nUSER 1000\n")
      w:type("docker build -t shop:2 shop")
    end,
  },
  wrong = {
    { name = "another name",
      run = function(w)
        w:type("answer 3")
        w:type("build -t sho shop")
      end,
      expect = { goal = "built", message = "other_name" } },
    { name = "did not look",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 1")
      end,
      expect = { goal = "copied", message = "wrong" } },
    { name = "looked, and left it so",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "twice" } },
    { name = "no chown any more",
      run = function(w)
        w:write("shop/Dockerfile", SHOP .. "COPY photos photos\n")
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "not_owned" } },
    { name = "USER above the COPY",
      run = function(w)
        w:write("shop/Dockerfile", SHOP .. "USER 1000\nCOPY photos photos\n")
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "user_only" } },
    { name = "COPY --chown, to somebody else",
      run = function(w)
        w:write("shop/Dockerfile", SHOP .. "COPY --chown=100 photos photos\nUSER 1000\n")
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "other_owner" } },
    { name = "COPY --chown, and the RUN is left",
      run = function(w)
        w:write("shop/Dockerfile", SHOP .. "COPY --chown=1000 photos photos\n" ..
                "RUN chown -R 1001 photos\n")
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "twice" } },
  },
}

local function judge_mode(w, image)
  if not has_photos(image, "/shop/photos") then return "no_photos" end
  if photo_layers(image) > 1 then return "twice" end
  if not lean(w, image, PHOTOS) then return too_big(w, image) end
  for i = 0, PHOTO_COUNT - 1 do
    local photo = image:stat(string.format("/shop/photos/photo%02d", i))
    if photo.mode ~= "0444" then return "other_mode", { mode = photo.mode } end
  end
end

step{ id = "owner_one", unless = "ids", points = 4, show = figures("shop", PHOTOS),
  setup = function(w)
    w:copy("files/shop_one", "shop")
    make_photos(w, "shop")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "built", after = "guess", check = shop_built },
    answer{ id = "copied", after = "built", right = PHOTO_COUNT },
    custom{ id = "lean", points = 2, after = "copied",
      check = function(w, c) judged(w, c, "shop", judge_mode) end },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t shop shop")
      w:type("layers shop")
      w:type("answer 20")
      w:type("chmod 444 shop/photos/*")
      w:write("shop/Dockerfile", SHOP .. "COPY photos photos\n")
      w:type("build -t shop shop")
    end,
    function(w) -- changed in one image, taken over into another
      w:type("answer 3")
      w:type("build -t shop shop")
      w:type("answer 20")
      w:write("shop/Dockerfile", "FROM busybox AS first\nCOPY photos /photos\n" ..
              "RUN chmod 444 /photos/*\n" .. SHOP .. "COPY --from=first /photos photos\n")
      w:type("build -t shop:2 shop")
    end,
  },
  wrong = {
    { name = "did not look",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 1")
      end,
      expect = { goal = "copied", message = "wrong" } },
    { name = "looked, and left it so",
      run = function(w)
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "twice" } },
    { name = "no chmod any more",
      run = function(w)
        w:write("shop/Dockerfile", SHOP .. "COPY photos photos\n")
        w:type("answer 3")
        w:type("build -t shop shop")
        w:type("answer 20")
      end,
      expect = { goal = "lean", message = "other_mode" } },
  },
}

-- ---------------------------------------------------------------------------
local CAFE = "FROM busybox\nWORKDIR /cafe\n"
local COOK = "RUN sh fetch.sh && sh unpack.sh && rm package\n"

local function judge_whole(_, image)
  local program = image:stat("/cafe/program")
  if not program or program.bytes ~= PROGRAM then return "no_program" end
  if not has_photos(image, "/cafe/pictures") then
    return has_photos(image, "/cafe/photos") and "not_renamed" or "no_pictures"
  end
end

local function judge_cafe(w, image)
  local key, args = judge_whole(w, image)
  if key then return key, args end
  local layer, _, line = layers_with(image, "/cafe/package")
  if layer then return "in_layer", { layer = layer, line = line } end
  layer, _, line = layers_with(image, "/cafe/photos/photo00")
  if layer then
    return image:stat("/cafe/photos/photo00") and "both" or "moved",
           { layer = layer, line = line }
  end
  _, layer = layers_with(image, "/cafe/pictures/photo00")
  if layer > 1 then return "twice" end
  layer, _, line = layers_with(image, "/cafe/old/menu")
  if layer then
    return image:stat("/cafe/old/menu") and "old" or "old_hidden",
           { layer = layer, line = line }
  end
  if not lean(w, image, PROGRAM + PHOTOS) then return too_big(w, image) end
end

step{ id = "diet", points = 4, show = figures("cafe", PROGRAM + PHOTOS),
  setup = function(w)
    w:copy("files/cafe", "cafe")
    make_photos(w, "cafe")
    w:type("mkdir cafe/old")
    w:type("seq 1 200000 > cafe/old/menu")
  end,
  goals = {
    custom{ id = "whole", points = 1,
      check = function(w, c) judged(w, c, "cafe", judge_whole) end },
    custom{ id = "lean", points = 3, after = "whole",
      check = function(w, c) judged(w, c, "cafe", judge_cafe) end },
  },
  solve = {
    function(w)
      w:write("cafe/Dockerfile", CAFE .. "COPY fetch.sh unpack.sh ./\n" .. COOK ..
              "COPY photos pictures\nCMD [\"sh\", \"program\"]\n")
      w:type("build -t cafe cafe")
      w:type("layers cafe")
    end,
    function(w) -- nothing sent that is not needed, and a first image for the rough work
      w:write("cafe/.dockerignore", "old\n")
      w:write("cafe/Dockerfile", "FROM busybox AS rough\nWORKDIR /cafe\nCOPY . .\n" ..
              "RUN sh fetch.sh\nRUN sh unpack.sh\nRUN rm package\nRUN mv photos pictures\n" ..
              "FROM busybox\nCOPY --from=rough /cafe /cafe\nWORKDIR /cafe\n")
      w:type("docker build -t cafe:1 cafe")
    end,
  },
  wrong = {
    { name = "built as it was",
      run = function(w) w:type("build -t cafe cafe") end,
      expect = { goal = "lean", message = "in_layer" } },
    { name = "the move is left",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY . .\n" .. COOK .. "RUN mv photos pictures\n")
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "lean", message = "moved" } },
    { name = "the pictures are copied, and everything after them",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY photos pictures\nCOPY . .\n" .. COOK)
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "lean", message = "both" } },
    { name = "what is old is copied as well",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY photos pictures\nCOPY old old\n" ..
                "COPY *.sh ./\n" .. COOK)
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "lean", message = "old" } },
    { name = "what is old is deleted by a RUN",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY photos pictures\nCOPY old old\n" ..
                "COPY *.sh ./\n" .. COOK .. "RUN rm -r old\n")
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "lean", message = "old_hidden" } },
    { name = "not renamed",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY *.sh ./\n" .. COOK .. "COPY photos photos\n")
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "whole", message = "not_renamed" } },
    { name = "no pictures at all",
      run = function(w)
        w:write("cafe/Dockerfile", CAFE .. "COPY *.sh ./\n" .. COOK)
        w:type("build -t cafe cafe")
      end,
      expect = { goal = "whole", message = "no_pictures" } },
  },
}
