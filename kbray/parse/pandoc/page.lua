-- What pandoc's HTML would lose or spoil: formulas as TeX, raw markup that no web page can show, citations without their text.

local FURTHER = 1  -- levels that titles move down below that of the whole

local function escaped(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'):gsub('%s+', ' '))
end

local function cited(citations)
  local said = {}
  for _, one in ipairs(citations) do
    local words = {}
    for _, word in ipairs { pandoc.utils.stringify(one.prefix), one.id, pandoc.utils.stringify(one.suffix) } do
      if word ~= '' then
        words[#words + 1] = word:gsub('^,?%s+', '')
      end
    end
    said[#said + 1] = table.concat(words, ', ')
  end
  return '[' .. table.concat(said, '; ') .. ']'
end

local function lowered(level)
  return { Header = function(header)
    header.level = math.min(header.level + level, 6)
    return header
  end }
end

local citations = {
  Cite = function(cite)
    for _, one in ipairs(cite.content) do
      if one.t ~= 'RawInline' then
        return cite.content
      end
    end
    return pandoc.Str(cited(cite.citations))
  end,
}

local page = {
  Math = function(math)
    local text = math.text:gsub('^%s+', ''):gsub('%s+$', '')
    if math.mathtype == 'InlineMath' then
      return pandoc.Str('$' .. text .. '$')
    end
    return pandoc.RawInline('html', '<math display="block" alttext="' .. escaped(text) .. '"></math>')
  end,
  Image = function(image)  -- pandoc embeds those that browsers don't show as pictures
    local alt = pandoc.utils.stringify(image.caption)
    return pandoc.RawInline('html', '<img src="' .. escaped(image.src) .. '" alt="' .. escaped(alt) .. '">')
  end,
  Code = function(code)  -- a role of Sphinx: what its readers see of `text <target>`, `~module.name` and `!name`
    if code.classes:includes('interpreted-text') then
      local text = code.text:match('^(.-)%s*<[^<>]*>$') or code.text
      if text == '' then
        text = code.text
      end
      local short = text:match('^~%S*%.([^%s.]+)$')
      code.text = short or text:gsub('^[!~.]([%w_])', '%1')
      return code
    end
  end,
  RawInline = function(raw)
    return raw.format ~= 'html' and pandoc.Str(raw.text) or nil
  end,
  RawBlock = function(raw)
    return raw.format ~= 'html' and pandoc.CodeBlock(raw.text) or nil
  end,
  Meta = function(meta)
    if meta.date then
      meta['date-plain'] = pandoc.MetaString(pandoc.utils.stringify(meta.date))
    end
    return meta
  end,
}

return { citations, page, { Pandoc = function(document)
  return document.meta.title and document:walk(lowered(FURTHER)) or document
end } }
