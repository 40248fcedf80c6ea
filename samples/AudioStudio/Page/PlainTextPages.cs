using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.StaticFiles;

namespace AudioStudio.Page;

/// <summary>Sets the content type of Markdown pages to plain text, so that browsers show them. Other files are not served.</summary>
internal sealed class PlainTextPages : IContentTypeProvider
{
    public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType)
    {
        contentType = subpath.EndsWith(".md", StringComparison.Ordinal) ? "text/plain; charset=utf-8" : null;
        return contentType is not null;
    }
}
