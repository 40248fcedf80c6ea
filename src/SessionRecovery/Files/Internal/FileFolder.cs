using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Files.Internal;

/// <summary>Creates the paths of stored files below the configured folder. No part of a path is text that a user chose.</summary>
internal sealed class FileFolder
{
    /// <summary>
    /// The age at which incomplete uploads and stored bytes without a row are deleted. Younger files may belong to another process that
    /// uses the same folder during a deployment.
    /// </summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly string _root;
    private readonly string _incoming;

    /// <exception cref="InvalidOperationException">
    /// The folder cannot be created or written. The exception is thrown at startup and not at the first upload.
    /// </exception>
    public FileFolder(IOptions<UserFileOptions> options, TimeProvider time)
    {
        var root = options.Value.Folder;
        _time = time;
        _root = Path.GetFullPath(root);
        _incoming = Path.Combine(_root, ".incoming");
        try
        {
            Directory.CreateDirectory(_incoming);
            foreach (var incomplete in FindIncomplete())
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

    /// <summary>
    /// Returns the path of a user's file. The name of the user's folder is a hash, because a user id may contain any character.
    /// </summary>
    public string GetPath(UserId user, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user.Value)));
        return Path.Combine(_root, hash[..2], hash[2..34], name);
    }

    /// <summary>
    /// Moves the bytes of an upload to their final path and sets their timestamp to the current time. The timestamp protects bytes whose
    /// manifest row is not yet written from early deletion.
    /// </summary>
    public string Publish(string temporary, UserId user, string name, bool overwrite)
    {
        var path = GetPath(user, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.SetLastWriteTimeUtc(temporary, _time.GetUtcNow().UtcDateTime);
        File.Move(temporary, path, overwrite);
        return path;
    }

    /// <summary>Returns the paths of incomplete uploads that are older than one day.</summary>
    public IEnumerable<string> FindIncomplete() => Directory.EnumerateFiles(_incoming).Where(IsOld);

    /// <summary>
    /// Returns the paths of the stored files that are older than one day. Folders that do not belong to a user are skipped.
    /// </summary>
    public IEnumerable<string> FindStored() => Directory.EnumerateDirectories(_root)
        .Where(static group => IsHash(group, 2))
        .SelectMany(Directory.EnumerateDirectories)
        .Where(static user => IsHash(user, 32))
        .SelectMany(Directory.EnumerateFiles)
        .Where(IsOld);

    /// <summary>Opens a file, or returns the cause if the file is lost.</summary>
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

    private static bool IsHash(string path, int length) =>
        Path.GetFileName(path) is var name && name.Length == length && name.All(char.IsAsciiHexDigitLower);

    private bool IsOld(string path) => File.GetLastWriteTimeUtc(path) < (_time.GetUtcNow() - MaxAge).UtcDateTime;
}
