using System.Security.Cryptography;
using System.Text;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>Resolves every path below the folder for files. No part of a path is text from a user.</summary>
internal sealed class FileFolder
{
    private readonly string _root;
    private readonly string _incoming;

    /// <exception cref="InvalidOperationException">
    /// The folder cannot be created or written. Thrown at start and not at the first upload.
    /// </exception>
    public FileFolder(string root)
    {
        _root = Path.GetFullPath(root);
        _incoming = Path.Combine(_root, ".incoming");
        try
        {
            Directory.CreateDirectory(_incoming);
            foreach (var incomplete in Directory.EnumerateFiles(_incoming))
            {
                File.Delete(incomplete);
            }

            var probe = CreateTemporaryPath();
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The folder for files '{_root}' cannot be written: {exception.Message}", exception);
        }
    }

    public bool Exists => Directory.Exists(_incoming);

    public string CreateTemporaryPath() => Path.Combine(_incoming, Guid.NewGuid().ToString("N"));

    /// <summary>Returns the path of a user's file. The user's folder is a hash, because an identifier may contain any character.</summary>
    public string GetPath(UserId user, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user.Value)));
        return Path.Combine(_root, hash[..2], hash[2..34], name);
    }

    /// <summary>Opens a file, or returns the cause of its loss.</summary>
    public (Stream? Content, FileLossCause Cause) Open(UserId user, StoredFile file)
    {
        if (!Exists)
        {
            return (null, FileLossCause.FolderMissing);
        }

        var path = GetPath(user, file.Name);
        var info = new FileInfo(path);
        if (!info.Exists || info.LinkTarget is not null)
        {
            return (null, FileLossCause.FileMissing);
        }

        FileStream content;
        try
        {
            content = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, FileLossCause.FileMissing);
        }

        if (content.Length == file.Size)
        {
            return (content, FileLossCause.None);
        }

        content.Dispose();
        return (null, FileLossCause.Truncated);
    }
}
